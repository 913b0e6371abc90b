import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, rename, rm, stat } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

import { Invalid } from '../core/errors.ts'
import type { Terminal } from './terminal.ts'

/**
 * The lines of a file, gzipped or plain (its first bytes tell), or of stdin for `-`; `read` counts its bytes.
 * Fails: file_damaged.
 */
export async function* linesOf(path: string, read = { bytes: 0 }): AsyncGenerator<string> {
  const source: AsyncIterable<Buffer> = path === '-' ? process.stdin : createReadStream(path)
  const chunks = counted(source, read)
  const first = await chunks.next()
  const head = first.done ? undefined : first.value
  const gzipped = head?.[0] === 0x1f && head[1] === 0x8b
  const whole = startingWith(head, chunks)
  try {
    yield* splitLines(gzipped ? gunzipped(whole) : whole)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error
    throw new Invalid('file_damaged', `${path} cannot be decompressed to its end. Get a whole copy.`, { path })
  }
}

/** A small file as text, or stdin for `-`. Fails: file_too_large. */
export async function textOf(path: string): Promise<string> {
  const size = path === '-' ? 0 : (await stat(path)).size
  if (size > SMALL_FILE_BYTES_MAX) {
    throw new Invalid('file_too_large', `${path} has ${size} bytes, which is too much for what it should be.`, { path })
  }
  if (path !== '-') return await readFile(path, 'utf8')
  const pieces: Buffer[] = await process.stdin.toArray()
  return Buffer.concat(pieces).toString()
}

/**
 * Writes the pieces to stdout, or to a file and then says so: on stderr, or with --json as the answer. A file bears its
 * name once it is whole, is compressed where that ends in .gz, and is for its owner alone: it tells who has what.
 */
export async function deliver(terminal: Terminal, { output, pieces, what }: Delivery): Promise<void> {
  if (output === undefined) {
    for await (const piece of pieces) await terminal.write(piece)
    return
  }
  const bytes = await writeWhole(output, pieces, terminal.signal)
  if (terminal.json) await terminal.answer({ file: output, bytes }, '')
  else terminal.note(`Wrote ${what} to ${output} (${bytes} bytes).`)
}

interface Delivery {
  output: string | undefined
  pieces: AsyncIterable<string | Buffer>
  what: string
}

const SMALL_FILE_BYTES_MAX = 16_777_216

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

function gunzipped(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const gunzip = createGunzip()
  // Whoever reads it hears of what is wrong with it.
  pipeline(Readable.from(chunks), gunzip).catch(() => undefined)
  return gunzip
}

async function* counted(source: AsyncIterable<Buffer>, read: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    read.bytes += chunk.length
    yield chunk
  }
}

async function* startingWith(head: Buffer | undefined, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (!head) return
  yield head
  yield* rest
}

async function writeWhole(path: string, pieces: AsyncIterable<string | Buffer>, signal: AbortSignal): Promise<number> {
  const kind = await stat(path).catch(() => undefined)
  // A device or a pipe has no half: it is written to as it is.
  const target = kind === undefined || kind.isFile() ? `${path}.partial` : path
  let bytes = 0
  const counter = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      done(null, chunk)
    },
  })
  const compression = path.endsWith('.gz') ? [createGzip()] : []
  try {
    await pipeline(
      [Readable.from(pieces), ...compression, counter, createWriteStream(target, { flush: true, mode: 0o600 })],
      {
        signal,
      },
    )
    if (target !== path) await rename(target, path)
  } catch (error) {
    if (target !== path) await rm(target, { force: true })
    throw error
  }
  return bytes
}
