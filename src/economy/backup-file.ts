import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { access, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createGunzip, createGzip } from 'node:zlib'

import { z } from 'zod'

import { syncFolder } from '../core/durable-file.ts'
import { Conflict, Invalid, NotFound } from '../core/errors.ts'
import { readTar, TarError, tarEnd, tarFile, type TarFile } from '../core/tar.ts'

/*
 * A backup is one gzipped tar archive, so that it can be read without Florin too: each table in pieces of whole rows,
 * as PostgreSQL's COPY writes them (`ledger.account.000000.copy`, …), and at the end `manifest.json`, which says what
 * there must be.
 */

/** Writes a backup and makes it durable; it gets its name only once it is whole. Fails: file_exists. */
export async function writeBackupFile(path: string, files: AsyncIterable<TarFile>, now: Date): Promise<void> {
  const partial = `${path}.partial`
  await refuseExisting(path)
  async function* archive() {
    for await (const { name, content } of files) yield tarFile(name, content, now)
    yield tarEnd()
  }
  try {
    const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: CHUNK_BYTES })
    await pipeline(archive(), gzip, createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }))
    await rename(partial, path)
  } catch (error) {
    if (isFileError(error, 'EEXIST')) throw fileExists(partial)
    await rm(partial, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** The files of a backup, in their order. Fails: file_not_found, backup_damaged. */
export async function* readBackupFile(path: string): AsyncGenerator<TarFile> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const unzipped = createGunzip({ chunkSize: CHUNK_BYTES })
  file.on('error', (error) => unzipped.destroy(error))
  try {
    yield* readTar(file.pipe(unzipped))
  } catch (error) {
    if (isFileError(error, 'ENOENT')) throw new NotFound('file_not_found', `There is no file ${path}.`)
    if (error instanceof TarError || isZlibError(error)) throw damaged(path, error.message)
    throw error
  } finally {
    file.destroy()
    unzipped.destroy()
  }
}

/**
 * Reads all of a backup, and answers its manifest when all that it says is there. Fails: file_not_found,
 * backup_damaged.
 */
export async function checkBackupFile(path: string): Promise<Manifest> {
  const tally = new Tally(path)
  let manifest: Manifest | undefined
  for await (const { name, content } of readBackupFile(path)) {
    if (manifest) throw damaged(path, `${name} stands behind the manifest.`)
    if (name === MANIFEST) manifest = parseManifest(path, content)
    else tally.add(name, content)
  }
  if (!manifest) throw damaged(path, 'The manifest is missing.')
  tally.compare(manifest)
  return manifest
}

/** Counts and hashes the rows of each table as they pass. */
export class Tally {
  readonly #tables = new Map<string, { rows: number; bytes: number; hash: Hash; pieces: number }>()

  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Returns the table that it is a piece of. Fails: backup_damaged, when it is none or out of its order. */
  add(name: string, content: Buffer): string {
    const [, table, piece] = PIECE.exec(name) ?? []
    if (table === undefined) throw damaged(this.#path, `${name} has no business there.`)
    const sum = this.#tables.get(table) ?? { rows: 0, bytes: 0, hash: createHash('sha256'), pieces: 0 }
    if (Number(piece) !== sum.pieces) throw damaged(this.#path, `${name} is out of its order.`)
    sum.pieces++
    sum.rows += countLines(content)
    sum.bytes += content.length
    sum.hash.update(content)
    this.#tables.set(table, sum)
    return table
  }

  /** What has passed of a table: nothing, if it is empty. */
  of(table: string): Pick<ManifestTable, 'rows' | 'bytes' | 'sha256'> {
    const { rows, bytes, hash } = this.#tables.get(table) ?? { rows: 0, bytes: 0, hash: createHash('sha256') }
    return { rows, bytes, sha256: hash.copy().digest('hex') }
  }

  /** Fails: backup_damaged, when something is missing, too much, or not as the manifest says. */
  compare({ tables }: Manifest): void {
    const known = new Set(tables.map(({ name }) => name))
    const strange = [...this.#tables.keys()].find((name) => !known.has(name))
    if (strange !== undefined) throw damaged(this.#path, `The table ${strange} is not in the manifest.`)
    for (const { name, rows, sha256 } of tables) {
      const is = this.of(name)
      if (is.rows === rows && is.sha256 === sha256) continue
      throw damaged(this.#path, `The table ${name} has ${is.rows} rows, not the ${rows} that were written.`)
    }
  }
}

/** Cuts a stream of rows into pieces of whole rows. */
export async function* piecesOf(table: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<TarFile> {
  let held: Buffer[] = []
  let bytes = 0
  let pieces = 0
  const piece = (content: Buffer) => ({ name: `${table}.${String(pieces++).padStart(6, '0')}.copy`, content })
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(NEWLINE) + 1
    if (bytes + end < PIECE_BYTES || end === 0) {
      held.push(chunk)
      bytes += chunk.length
      continue
    }
    yield piece(Buffer.concat([...held, chunk.subarray(0, end)]))
    held = [chunk.subarray(end)]
    bytes = chunk.length - end
  }
  if (bytes > 0) yield piece(Buffer.concat(held))
}

export function manifestFile(manifest: Manifest): TarFile {
  return { name: MANIFEST, content: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) }
}

export type Manifest = z.infer<typeof zManifest>
export type ManifestTable = Manifest['tables'][number]

export const BACKUP_FORMAT = 1

/** The file of a backup that says what the others are. */
export const MANIFEST = 'manifest.json'
const PIECE = /^([a-z_]\w*\.[a-z_]\w*)\.(\d{6,})\.copy$/
const PIECE_BYTES = 1024 * 1024
const CHUNK_BYTES = 256 * 1024
const NEWLINE = 10

const zName = z.string().regex(/^[a-z_]\w*\.[a-z_]\w*$/)
const zManifest = z.object({
  format: z.literal(BACKUP_FORMAT),
  florin: z.string(),
  economy: z.string(),
  blueprint: z.string(),
  created_at: z.iso.datetime(),
  server_version: z.string(),
  /** The migrations that its tables are the result of. */
  migrations: z.array(z.object({ id: z.int(), name: z.string(), hash: z.string() })).min(1),
  /** In an order in which none refers to a later one. */
  tables: z.array(
    z.object({
      name: zName,
      columns: z.array(z.string().regex(/^[a-z_]\w*$/)).min(1),
      rows: z.int().nonnegative(),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  sequences: z.array(z.object({ name: zName, last_value: z.string().regex(/^\d+$/), is_called: z.boolean() })),
  /** The newest sealed head of its log. */
  log: z.object({ height: z.string(), tree_size: z.string(), checkpoint: z.string() }).nullable(),
})

async function refuseExisting(path: string): Promise<void> {
  const there = await access(path).then(
    () => true,
    () => false,
  )
  if (there) throw fileExists(path)
}

function fileExists(path: string): Error {
  return new Conflict(
    'file_exists',
    `${path} is there already, and a backup replaces nothing. Name another file, or delete it.`,
  )
}

function parseManifest(path: string, content: Buffer): Manifest {
  const json = parseJson(path, content)
  if (typeof json === 'object' && json !== null && 'format' in json && json.format !== BACKUP_FORMAT) {
    throw new Invalid(
      'backup_newer',
      `${path} is a backup of the format ${JSON.stringify(json.format)}. Update Florin.`,
    )
  }
  const { data, error } = zManifest.safeParse(json)
  if (!data) throw damaged(path, `The manifest is wrong at ${error.issues[0]?.path.join('.')}.`)
  return data
}

function parseJson(path: string, content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'))
  } catch {
    throw damaged(path, 'The manifest is no JSON.')
  }
}

/** COPY writes a newline within a value as \n, so that a line is a row. */
function countLines(content: Buffer): number {
  let lines = 0
  for (let at = content.indexOf(NEWLINE); at !== -1; at = content.indexOf(NEWLINE, at + 1)) lines++
  return lines
}

function damaged(path: string, what: string): Error {
  return new Invalid('backup_damaged', `${path} is no whole backup. ${what}`)
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
