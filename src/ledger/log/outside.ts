import type { KeyObject } from 'node:crypto'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { readIfThere, writeDurably } from '../../core/durable-file.ts'
import { type Checkpoint, parseCheckpoint, readCheckpoint } from './checkpoint.ts'
import type { Block } from './head.ts'
import { verifierOf } from './keys.ts'
import { openNote } from './note.ts'

/**
 * Keeps a signed head outside the database, where restoring an old backup does not reach: `latest` for the next start
 * to compare with, and a line in `history` for whoever looks into a fork later.
 */
export async function keepOutside(folder: string, { height, checkpoint }: Block): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeDurably(join(folder, LATEST), checkpoint, { mode: 0o600 })
  await appendFile(join(folder, HISTORY), `${JSON.stringify({ height: `${height}`, checkpoint })}\n`, { mode: 0o600 })
}

/**
 * The last head that was kept outside; undefined where none ever was. It may bear an origin from before a fork.
 * Fails: as `openNote`, when somebody wrote there who has none of the log's keys.
 */
export async function readOutside(folder: string, keys: readonly KeyObject[]): Promise<Checkpoint | undefined> {
  const note = await readIfThere(join(folder, LATEST))
  if (note === undefined) return undefined
  const { origin } = readCheckpoint(note)
  const known = keys.map((key) => verifierOf(origin, key))
  const { text } = openNote(note, known)
  return parseCheckpoint(text)
}

const LATEST = 'latest'
const HISTORY = 'history'
