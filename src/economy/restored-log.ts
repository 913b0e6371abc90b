import { createReadStream } from 'node:fs'
import { access, mkdir, readdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

import type { Tx } from '../core/db.ts'
import { branchLog } from '../ledger/log/fork.ts'
import { keepOlderKeys } from '../ledger/log/signing-key.ts'
import { type EconomyFiles, filesOf } from './places.ts'

/**
 * Lets a restored economy go on with its log, whose key and checkpoints are in no backup. They are known by the
 * backup's head, which is among their checkpoints.
 *
 * Under its own name it is the same log: what dropping it put aside is taken back. If more was published since the
 * backup, the economy then opens read-only until the fork is acknowledged. Under another name it is a copy, which must
 * not speak in the name of the original: it goes on under an origin and a key of its own, and keeps the original's keys
 * to verify what they signed.
 */
export async function continueLog(tx: Tx, { data, name, backup, origin, actor, now }: ContinueLog): Promise<void> {
  const own = filesOf(data, name)
  const found = await findFiles(data, backup)
  if (name !== backup.economy) {
    await branchLog(tx, { origin, actor, now })
    if (found) await keepOlderKeys(own.signingKey, found.signingKey)
  } else if (found && found.signingKey !== own.signingKey && !(await isThere(own.signingKey))) {
    await takeBack(found, own)
  }
}

export interface ContinueLog {
  data: string
  /** The economy's name now. */
  name: string
  backup: {
    /** Its name when the backup was made. */
    economy: string
    log: { checkpoint: string } | null
  }
  /** The origin that a log of this name has. */
  origin: string
  actor: string
  now: Date
}

/** The key and the checkpoints that belong to the backup: those in use, or put aside when it was dropped. */
async function findFiles(data: string, { economy, log }: ContinueLog['backup']): Promise<EconomyFiles | undefined> {
  if (!log) return undefined
  const dropped = join(data, 'dropped')
  const names = await readdir(dropped).catch(() => [])
  const candidates = [
    filesOf(data, economy),
    ...names
      .filter((name) => name.startsWith(`${economy}-`))
      .toSorted()
      .toReversed()
      .map((name) => ({ signingKey: join(dropped, name, 'key.pem'), checkpoints: join(dropped, name, 'checkpoints') })),
  ]
  for (const files of candidates) {
    if ((await isThere(files.signingKey)) && (await wasPublished(files.checkpoints, log.checkpoint))) return files
  }
  return undefined
}

async function wasPublished(checkpoints: string, checkpoint: string): Promise<boolean> {
  const history = join(checkpoints, 'history')
  if (!(await isThere(history))) return false
  const wanted = JSON.stringify(checkpoint)
  for await (const line of createInterface({ input: createReadStream(history) })) {
    if (line.includes(wanted)) return true
  }
  return false
}

async function takeBack(from: EconomyFiles, to: EconomyFiles): Promise<void> {
  for (const kind of ['signingKey', 'checkpoints'] as const) {
    await mkdir(dirname(to[kind]), { recursive: true, mode: 0o700 })
    await rename(from[kind], to[kind])
  }
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
