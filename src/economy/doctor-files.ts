import { access, constants, readdir, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { Finding } from './doctor-finding.ts'

/** The data folder: is it there, ours to write, private where it must be, and on a disk with room? */
export async function examineFiles(data: string): Promise<Finding[]> {
  const subject = 'data folder'
  const folder = await existing(data)
  const isFolder = (await stat(folder)).isDirectory()
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!isFolder || !writable) {
    const message = `${folder} is no folder that we may write to. Give the user that runs Florin the right, or set FLORIN_DATA to another folder.`
    return [{ level: 'problem', code: 'data_not_writable', subject, message }]
  }
  const message = folder === data ? `${data} is writable.` : `${data} is not there yet; the first start makes it.`
  const findings: Finding[] = [{ level: 'ok', code: 'data_writable', subject, message }]
  return [...findings, await examineDisk(folder), ...(await examineKeys(join(data, 'keys')))]
}

/** Below this, a backup or a busy day may fill the disk. */
const DISK_FREE_MIN = 1024 ** 3
/** Anybody but the owner. */
const OTHERS = 0o077

async function examineDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const gigabytes = (free / 1024 ** 3).toFixed(1)
  const subject = 'disk'
  if (free >= DISK_FREE_MIN) return { level: 'ok', code: 'disk_room', subject, message: `${gigabytes} GiB are free.` }
  const message = `Only ${gigabytes} GiB are free where ${folder} lies. Make room: a database without any stops.`
  return { level: 'warning', code: 'disk_low', subject, message }
}

async function examineKeys(folder: string): Promise<Finding[]> {
  const names = await readdir(folder).catch(() => [])
  const findings = await Promise.all(names.map(async (name) => await examineKey(join(folder, name))))
  return findings.filter((finding) => finding !== undefined)
}

async function examineKey(path: string): Promise<Finding | undefined> {
  const { mode } = await stat(path)
  if ((mode & OTHERS) === 0) return undefined
  const message = `${path} can be read by others. Run: chmod 600 '${path}', and change the key if they may have.`
  return { level: 'problem', code: 'key_file_open', subject: 'key file', message }
}

/** The folder itself, or the nearest above it that is there. */
async function existing(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    const there = await stat(folder).then(
      () => true,
      () => false,
    )
    if (there || folder === dirname(folder)) return folder
  }
}
