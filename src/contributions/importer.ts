import { createHash, type Hash } from 'node:crypto'

import type { Clock } from '../core/clock.ts'
import { type Db, transaction } from '../core/db.ts'
import { AppError, Conflict, Invalid } from '../core/errors.ts'
import { importBatch, NOTHING_BROUGHT, type Brought, type HistoryLine } from './import-batch.ts'
import { advanceImport, completeImport, findImport, type Import, startImport } from './import-progress.ts'
import { type LineBatch, openFile, readBatches, type Source } from './lines.ts'
import { MAX_LINE_CHARACTERS, readLine } from './wiki-history.ts'

/**
 * Reads the history of a wiki (examples/wiki-history/README.md) into contributions and reviews, from a file or a stream,
 * gzipped or plain. It is written in batches, each in one transaction with the progress: killed at any moment, it goes on
 * after the last batch, and a file that was read to its end changes nothing. A file is known again by its first line, and
 * must then begin with the very lines that were read; where it has grown, the new ones are read.
 *
 * A line that is refused (see readLine) is counted and left out, or ends the import before it with `onError: 'stop'`: put
 * right, the file can be gone on with.
 * Fails: import_file_unreadable, import_file_damaged, import_file_empty, import_file_differs, import_busy.
 */
export async function importContributions(db: Db, options: ImportOptions): Promise<ImportResult> {
  const source = typeof options.from === 'string' ? await openFile(options.from) : options.from
  const run: Run = { ...options, db, source, hash: createHash('sha256'), result: noResult(source.name) }
  const limits = { characters_max: MAX_LINE_CHARACTERS, lines_max: BATCH_LINES }
  for await (const batch of readBatches(source, limits)) {
    await takeBatch(run, batch)
    if (run.result.stopped) break
  }
  return await finish(run)
}

export interface ImportOptions {
  /** The path of a file, or a stream. */
  from: string | Source
  onError: 'skip' | 'stop'
  actor: string
  clock: Clock
  /** Told after each batch; what it throws ends the import there. */
  onProgress?: ((progress: ImportProgress) => void | Promise<void>) | undefined
}

/** What this run did. */
export interface ImportResult extends Brought {
  file: string
  /** Lines that were read by earlier runs. */
  linesBefore: number
  /** Lines read now, and how many of them were refused. */
  lines: number
  refused: number
  /** Why the first ERRORS_SHOWN of them were. */
  errors: LineError[]
  /** The line that ended the import, which was not taken in. */
  stopped: LineError | null
}

export interface ImportProgress extends ImportResult {
  /** Read of the source, compressed as it is; of how many, where that is known. */
  bytes: number
  bytesTotal: number | null
}

export interface LineError {
  line: number
  field: string | null
  code: string
  message: string
}

const BATCH_LINES = 2_000
const ERRORS_SHOWN = 100

interface Run extends ImportOptions {
  db: Db
  source: Source
  /** Over the lines so far. */
  hash: Hash
  progress?: Import
  result: ImportResult
}

/** Checks the lines that earlier runs have read against their digest, and takes in the rest. */
async function takeBatch(run: Run, { first, lines, bytes }: LineBatch): Promise<void> {
  const progress = (run.progress ??= await begin(run, lines[0] ?? null))
  const { linesBefore } = run.result
  const known = Math.min(Math.max(linesBefore - first + 1, 0), lines.length)
  absorb(run.hash, lines.slice(0, known))
  if (known > 0 && first + known - 1 === linesBefore && !run.hash.copy().digest().equals(progress.digest)) {
    throw differs(run)
  }
  if (known === lines.length) return
  await writeLines(run, { first: first + known, lines: lines.slice(known) })
  await run.onProgress?.({ ...run.result, bytes, bytesTotal: run.source.bytes ?? null })
}

async function begin(run: Run, firstLine: string | null): Promise<Import> {
  const head = createHash('sha256')
  absorb(head, [firstLine])
  const { source, actor, clock } = run
  const progress = await transaction(run.db, async (tx) => {
    const digest = head.digest()
    const known = await findImport(tx, digest)
    return known ?? (await startImport(tx, { head: digest, file: source.name, actor, now: clock.now() }))
  })
  run.result.linesBefore = progress.lines
  return progress
}

async function writeLines(run: Run, { first, lines }: { first: number; lines: (string | null)[] }): Promise<void> {
  const { db, clock, result, progress } = run
  const now = clock.now()
  const { changes, errors, stopped } = interpret(lines, { first, now, onError: run.onError })
  const taken = stopped ? lines.slice(0, stopped.line - first) : lines
  result.stopped = stopped
  if (taken.length === 0) return
  absorb(run.hash, taken)
  const source = progress!.id
  const brought = await transaction(db, async (tx) => {
    const lineBefore = first - 1
    const read = { from: lineBefore, to: lineBefore + taken.length, digest: run.hash.copy().digest() }
    await advanceImport(tx, { import: source, ...read, refused: errors.length, now })
    return await importBatch(tx, changes, { import: source, now })
  })
  result.lines += taken.length
  result.refused += errors.length
  for (const counted of ['contributions', 'people', 'articles'] as const) result[counted] += brought[counted]
  result.errors.push(...errors.slice(0, ERRORS_SHOWN - result.errors.length))
}

function interpret(lines: (string | null)[], { first, now, onError }: Interpret) {
  const changes: HistoryLine[] = []
  const errors: LineError[] = []
  for (const [i, text] of lines.entries()) {
    const line = first + i
    try {
      changes.push({ line, change: readLine(text ?? '', { line, now }) })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const { code, message, params } = error
      const refused = { line, field: typeof params['field'] === 'string' ? params['field'] : null, code, message }
      if (onError === 'stop') return { changes, errors, stopped: refused }
      errors.push(refused)
    }
  }
  return { changes, errors, stopped: null }
}

async function finish(run: Run): Promise<ImportResult> {
  const { result, progress, source } = run
  if (!progress) throw new Invalid('import_file_empty', `${source.name} has no lines.`, { file: source.name })
  if (result.stopped) return result
  // Fewer lines than were read before: it was never compared with all of them.
  if (run.hash.copy().digest().equals(progress.digest) || result.lines > 0) {
    const { clock } = run
    await transaction(run.db, async (tx) => await completeImport(tx, { import: progress.id, now: clock.now() }))
    return result
  }
  throw differs(run)
}

/** A line counts with its end, whether it has one in the file or is the last. */
function absorb(hash: Hash, lines: readonly (string | null)[]): void {
  for (const line of lines) hash.update(`${line ?? '\uFFFD'}\n`)
}

function differs({ source, result: { linesBefore } }: Run): Error {
  const message = `${source.name} begins like a file that was imported before, but its first ${linesBefore} lines are not the ones that were read. Use the file of before; it may have grown at its end only.`
  return new Conflict('import_file_differs', message, { file: source.name, lines: linesBefore })
}

function noResult(file: string): ImportResult {
  return { file, linesBefore: 0, lines: 0, refused: 0, errors: [], stopped: null, ...NOTHING_BROUGHT }
}

interface Interpret {
  first: number
  now: Date
  onError: ImportOptions['onError']
}
