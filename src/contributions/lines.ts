import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { Invalid } from '../core/errors.ts'

/**
 * The lines of a text, gzipped or plain (told by its first bytes), `lines_max` at a time. It is never in memory as a whole,
 * nor is a line that is longer than `characters_max`: of such a line only the start is handed on, one character more than
 * that. A line that is no UTF-8 is handed on as null. The last line needs no end.
 * Fails: import_file_unreadable, import_file_damaged.
 */
export async function* readBatches(
  source: Source,
  { characters_max, lines_max }: { characters_max: number; lines_max: number },
): AsyncGenerator<LineBatch> {
  const state = { bytes: 0 }
  let first = 1
  let lines: (string | null)[] = []
  for await (const line of readLines(source, { characters_max, state })) {
    if (lines.push(line) < lines_max) continue
    yield { first, lines, bytes: state.bytes }
    first += lines.length
    lines = []
  }
  if (lines.length > 0) yield { first, lines, bytes: state.bytes }
}

/** Fails: import_file_unreadable. */
export async function openFile(path: string): Promise<Source> {
  try {
    const { size } = await stat(path)
    return { name: basename(path), stream: createReadStream(path), total: size }
  } catch (error) {
    throw readingTrouble(error, path)
  }
}

export interface Source {
  name: string
  stream: Readable
  /** How far it goes, where that is known: in bytes, or in what `done` counts. */
  total?: number
  /** How far it was read, where that is not counted in bytes. */
  done?: () => number
}

export interface LineBatch {
  /** The number of the first of them, from 1. */
  first: number
  lines: (string | null)[]
  /** Read so far of the source, compressed as it is. */
  bytes: number
}

const NEWLINE = 0x0a
const GZIP_MAGIC = [0x1f, 0x8b]
const UTF8_BYTES_MAX = 4
const EMPTY = Buffer.alloc(0)

async function* readLines(
  source: Source,
  { characters_max, state }: { characters_max: number; state: { bytes: number } },
): AsyncGenerator<string | null> {
  const bytes_max = (characters_max + 1) * UTF8_BYTES_MAX
  let rest: Buffer = EMPTY
  try {
    for await (const chunk of plainText(counted(source.stream, state))) {
      let start = 0
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        yield textOf(join(rest, chunk.subarray(start, end), bytes_max), characters_max)
        rest = EMPTY
        start = end + 1
      }
      rest = join(rest, chunk.subarray(start), bytes_max)
    }
  } catch (error) {
    throw readingTrouble(error, source.name)
  }
  if (rest.length > 0) yield textOf(rest, characters_max)
}

async function* counted(stream: Readable, state: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    state.bytes += bytes.length
    yield bytes
  }
}

async function* plainText(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer = EMPTY
  while (head.length < GZIP_MAGIC.length) {
    const { value, done } = await chunks.next()
    if (done) break
    head = Buffer.concat([head, value])
  }
  const whole = startingWith(head, chunks)
  if (!GZIP_MAGIC.every((byte, i) => head[i] === byte)) {
    yield* whole
    return
  }
  const unzipped = createGunzip()
  // Whatever breaks on the way ends `unzipped` with it, and so the loop.
  pipeline(Readable.from(whole), unzipped, () => undefined)
  for await (const chunk of unzipped) yield chunk as Buffer
}

async function* startingWith(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head
  yield* rest
}

function join(rest: Buffer, more: Buffer, bytes_max: number): Buffer {
  const room = bytes_max - rest.length
  const kept = more.length > room ? more.subarray(0, room) : more
  return rest.length === 0 ? kept : Buffer.concat([rest, kept])
}

function textOf(line: Buffer, characters_max: number): string | null {
  if (!isUtf8(line) && line.length <= characters_max) return null
  const text = line.toString()
  return text.length > characters_max ? text.slice(0, characters_max + 1) : text
}

function readingTrouble(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error
  if (error.code.startsWith('Z_')) {
    return new Invalid(
      'import_file_damaged',
      `${name} is damaged: it cannot be decompressed to its end. What came before the damage was kept; get a whole copy and go on.`,
      { file: name },
    )
  }
  if (!READING.has(error.code)) return error
  return new Invalid('import_file_unreadable', `${name} cannot be read (${error.code}). Check its path and rights.`, {
    file: name,
  })
}

const READING = new Set(['ENOENT', 'EACCES', 'EISDIR', 'EPERM', 'ENOTDIR', 'EIO'])
