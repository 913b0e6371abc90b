import { createHash, type Hash } from 'node:crypto'

import { sql } from 'kysely'

import type { Clock } from '../core/clock.ts'
import { type Db, transaction, type Tx } from '../core/db.ts'
import { AppError, Conflict, Invalid } from '../core/errors.ts'
import type { Brought, Difference, Format, LineError, LineReader, Numbered } from './import-format.ts'
import {
  advanceImport,
  completeImport,
  countImported,
  findImport,
  type Import,
  startImport,
} from './import-progress.ts'
import { keepRefusals } from './import-refusals.ts'
import { type LineBatch, openFile, readBatches, type Source } from './lines.ts'

/**
 * Reads a file of `format` or a stream, gzipped or plain, line by line. It is written in batches, each in one transaction
 * with the progress: killed at any moment, it goes on after the last batch, and a file that was read to its end changes
 * nothing. A file is known again by how it begins, and must then begin with the very lines that were read; where it has
 * grown, the new ones are read.
 *
 * A line that is refused is counted and left out, or ends the import before it with `onError: 'stop'`: put right, the
 * file can be gone on with.
 * Fails: import_file_unreadable, import_file_damaged, import_file_empty, import_file_differs, import_busy, and as the
 * format does where the file as a whole is none of it.
 */
export async function importFile<Item>(db: Db, format: Format<Item>, options: ImportOptions): Promise<ImportResult> {
  const source = typeof options.from === 'string' ? await openFile(options.from) : options.from
  const run: Run<Item> = { ...options, db, format, source, hash: createHash('sha256'), result: noResult(source.name) }
  const limits = { characters_max: format.characters_max, lines_max: BATCH_LINES }
  for await (const batch of readBatches(source, limits)) {
    await takeBatch(run, batch)
    if (run.result.stopped) break
  }
  return await finish(run)
}

/** Imports of all files, and what takes them back, come one after the other: each must see what the last has brought. */
export async function lockImports(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${IMPORTS_LOCK}::bigint)`.execute(tx)
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
export interface ImportResult extends Omit<Brought, 'differences'> {
  /** Its public number; null where nothing was begun. */
  import: number | null
  file: string
  /** Lines that were read by earlier runs. */
  linesBefore: number
  /** Lines read now, and how many of them were refused. */
  lines: number
  refused: number
  /** Why the first ERRORS_SHOWN of them were. */
  errors: LineError[]
  /** How many fields say something else than we do, and the first ERRORS_SHOWN of them. */
  differing: number
  differences: Difference[]
  /** The line that ended the import, which was not taken in. */
  stopped: LineError | null
}

export interface ImportProgress extends ImportResult {
  /** How far the source was read, and how far it goes, where that is known: bytes of a file, commits of a repository. */
  done: number
  total: number | null
}

const BATCH_LINES = 2_000
const ERRORS_SHOWN = 100

/** An arbitrary number of ours among the database's advisory locks. */
const IMPORTS_LOCK = 7411_004n

interface Run<Item> extends ImportOptions {
  db: Db
  format: Format<Item>
  source: Source
  /** Over the lines so far. */
  hash: Hash
  begun?: { progress: Import; read: LineReader<Item> }
  result: ImportResult
}

/** Checks the lines that earlier runs have read against their digest, and takes in the rest. */
async function takeBatch<Item>(run: Run<Item>, { first, lines, bytes }: LineBatch): Promise<void> {
  const { progress } = (run.begun ??= await begin(run, lines))
  const { linesBefore } = run.result
  const known = Math.min(Math.max(linesBefore - first + 1, 0), lines.length)
  absorb(run.hash, lines.slice(0, known))
  if (known > 0 && first + known - 1 === linesBefore && !run.hash.copy().digest().equals(progress.digest)) {
    throw differs(run)
  }
  if (known === lines.length) return
  const step = { done: run.source.done?.() ?? bytes, total: run.source.total ?? null }
  await writeLines(run, { first: first + known, lines: lines.slice(known), step })
  await run.onProgress?.({ ...run.result, ...step })
}

async function begin<Item>(run: Run<Item>, lines: (string | null)[]) {
  const { source, actor, clock, format } = run
  const read = format.open(lines[0] ?? null)
  const head = createHash('sha256')
  // Histories of a wiki are known by their first line alone; all else also by what it is.
  if (format.name !== 'wiki-history') absorb(head, [format.name])
  absorb(head, lines.slice(0, format.head_lines))
  const progress = await transaction(run.db, async (tx) => {
    const digest = head.digest()
    const known = await findImport(tx, digest)
    const started = { head: digest, format: format.name, file: source.name, actor, now: clock.now() }
    return known ?? (await startImport(tx, started))
  })
  run.result.import = progress.id
  run.result.linesBefore = progress.lines
  return { progress, read }
}

async function writeLines<Item>(run: Run<Item>, { first, lines, step }: Lines): Promise<void> {
  const { db, clock, result, begun, format, actor } = run
  const now = clock.now()
  const read = interpret(lines, { first, now, read: begun!.read })
  const source = begun!.progress.id
  const taken = await transaction(db, async (tx) => {
    await lockImports(tx)
    const found = (await format.check?.(tx, read.items, { now })) ?? []
    const refused = [...read.refused, ...found].toSorted((a, b) => a.line - b.line)
    const stopped = run.onError === 'stop' ? (refused[0] ?? null) : null
    const count = stopped ? stopped.line - first : lines.length
    if (count === 0) return { count, refused: [], stopped, brought: null }
    const wrong = new Set(refused.map(({ line }) => line))
    const items = read.items.filter(({ line }) => line < first + count && !wrong.has(line))
    const digest = run.hash.copy()
    absorb(digest, lines.slice(0, count))
    const left = stopped ? [] : refused
    const range = { from: first - 1, to: first - 1 + count, digest: digest.digest() }
    await advanceImport(tx, { import: source, ...range, ...step, refused: left.length, now })
    const brought = await format.take(tx, items, { import: source, actor, now })
    await keepRefusals(tx, { import: source, refused: left })
    await countImported(tx, { import: source, ...brought, differences: brought.differences.length })
    return { count, refused: left, stopped, brought }
  })
  result.stopped = taken.stopped
  if (!taken.brought) return
  absorb(run.hash, lines.slice(0, taken.count))
  result.lines += taken.count
  result.refused += taken.refused.length
  result.differing += taken.brought.differences.length
  for (const counted of ['contributions', 'people', 'articles', 'views'] as const) {
    result[counted] += taken.brought[counted]
  }
  result.errors.push(...taken.refused.slice(0, ERRORS_SHOWN - result.errors.length))
  result.differences.push(...taken.brought.differences.slice(0, ERRORS_SHOWN - result.differences.length))
}

function interpret<Item>(lines: (string | null)[], { first, now, read }: Interpret<Item>) {
  const items: Numbered<Item>[] = []
  const refused: LineError[] = []
  for (const [i, text] of lines.entries()) {
    const line = first + i
    try {
      const item = read(text ?? '', { line, now })
      if (item !== null) items.push({ line, item })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const { code, message, params } = error
      refused.push({ line, field: typeof params['field'] === 'string' ? params['field'] : null, code, message })
    }
  }
  return { items, refused }
}

async function finish<Item>(run: Run<Item>): Promise<ImportResult> {
  const { result, begun, source } = run
  if (!begun) throw new Invalid('import_file_empty', `${source.name} has no lines.`, { file: source.name })
  if (result.stopped) return result
  // Fewer lines than were read before: it was never compared with all of them.
  if (run.hash.copy().digest().equals(begun.progress.digest) || result.lines > 0) {
    const { clock } = run
    await transaction(run.db, async (tx) => await completeImport(tx, { import: begun.progress.id, now: clock.now() }))
    return result
  }
  throw differs(run)
}

/** A line counts with its end, whether it has one in the file or is the last. */
function absorb(hash: Hash, lines: readonly (string | null)[]): void {
  for (const line of lines) hash.update(`${line ?? '\uFFFD'}\n`)
}

function differs<Item>({ source, result: { linesBefore } }: Run<Item>): Error {
  const message = `${source.name} begins like a file that was imported before, but its first ${linesBefore} lines are not the ones that were read. Use the file of before; it may have grown at its end only.`
  return new Conflict('import_file_differs', message, { file: source.name, lines: linesBefore })
}

function noResult(file: string): ImportResult {
  const counts = { contributions: 0, people: 0, articles: 0, views: 0, differing: 0 }
  return {
    import: null,
    file,
    linesBefore: 0,
    lines: 0,
    refused: 0,
    errors: [],
    differences: [],
    stopped: null,
    ...counts,
  }
}

interface Lines {
  first: number
  lines: (string | null)[]
  step: { done: number; total: number | null }
}

interface Interpret<Item> {
  first: number
  now: Date
  read: LineReader<Item>
}
