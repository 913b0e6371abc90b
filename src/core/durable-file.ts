import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file so that after a crash, of us or of the machine, it holds either what it held before or all of `text`:
 * beside it, flushed, renamed over it, and the folder flushed.
 */
export async function writeDurably(path: string, text: string, { mode, owner }: FileOptions): Promise<void> {
  const fresh = `${path}.${randomBytes(4).toString('hex')}`
  try {
    const file = await open(fresh, 'wx', mode)
    try {
      if (owner) await file.chown(owner.uid, owner.gid)
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes durable which names a folder holds: a rename is lost in a power cut until its folder is flushed. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** The text of a file, or undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

interface FileOptions {
  mode: number
  /** Whom the file shall belong to; only root can give files away. */
  owner?: { uid: number; gid: number } | undefined
}
