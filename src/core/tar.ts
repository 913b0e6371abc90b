import { assert } from './assert.ts'

/*
 * Tar archives (POSIX.1-1988 "ustar", IEEE Std 1003.1, pax): a 512-byte header for each file, the file padded to whole
 * blocks, two blocks of zeros at the end. Only what is needed of it: plain files with short names, each small enough to
 * be held in memory.
 */

/** A file as it stands in an archive: header, content, padding. */
export function tarFile(name: string, content: Buffer, modified: Date): Buffer {
  assert(Buffer.byteLength(name) <= NAME_BYTES_MAX, `The name ${name} is too long for a tar archive.`)
  const header = Buffer.alloc(BLOCK_BYTES)
  header.write(name, 0)
  header.write('0000600\0', 100)
  // User and group: nobody's in particular.
  header.write('0000000\x000000000\0', 108)
  header.write(`${octal(content.length, 11)}\0`, 124)
  header.write(`${octal(Math.floor(modified.getTime() / 1000), 11)}\0`, 136)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(`${octal(checksum(header), 6)}\0 `, CHECKSUM_START)
  return Buffer.concat([header, content, Buffer.alloc(padding(content.length))])
}

/** What ends an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK_BYTES)
}

/** The files of an archive, one after the other. Fails: TarError when it is damaged or ends before its end. */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarFile> {
  const reader = new Reader(source)
  for (;;) {
    const header = await reader.read(BLOCK_BYTES)
    if (header.every((byte) => byte === 0)) return await reader.drain()
    if (readOctal(header, CHECKSUM_START, 8) !== checksum(header)) throw new TarError('A header is damaged.')
    const [name = ''] = header.toString('utf8', 0, NAME_BYTES_MAX).split('\0')
    const size = readOctal(header, 124, 12)
    if (size > FILE_BYTES_MAX) throw new TarError(`The file ${name} is too large.`)
    const content = await reader.read(size)
    await reader.read(padding(size))
    yield { name, content }
  }
}

export interface TarFile {
  name: string
  content: Buffer
}

export class TarError extends Error {
  override name = 'TarError'
}

const BLOCK_BYTES = 512
const NAME_BYTES_MAX = 100
const FILE_BYTES_MAX = 256 * 1024 * 1024
/** The character 0. */
const ZERO = 48
const CHECKSUM_START = 148
const CHECKSUM_END = 156

/** Gives out exactly as many bytes as are asked for. */
class Reader {
  readonly #chunks: AsyncIterator<Buffer>
  #parts: Buffer[] = []
  #bytes = 0

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  async read(bytes: number): Promise<Buffer> {
    while (this.#bytes < bytes) {
      const { done, value } = await this.#chunks.next()
      if (done) throw new TarError('The archive ends too early.')
      this.#parts.push(value)
      this.#bytes += value.length
    }
    const all = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    this.#parts = [all.subarray(bytes)]
    this.#bytes -= bytes
    return all.subarray(0, bytes)
  }

  /** Lets the source come to its own end, where an unzipped one has its checksum. */
  async drain(): Promise<void> {
    for (;;) if ((await this.#chunks.next()).done) return
  }
}

/** The sum of the header's bytes, with those of the sum itself counted as spaces. */
function checksum(header: Buffer): number {
  let sum = 0
  for (const [i, byte] of header.entries()) sum += i >= CHECKSUM_START && i < CHECKSUM_END ? 32 : byte
  return sum
}

function padding(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES
}

function octal(value: number, digits: number): string {
  const text = value.toString(8).padStart(digits, '0')
  assert(text.length === digits, `${value} does not fit into a tar header.`)
  return text
}

function readOctal(header: Buffer, start: number, bytes: number): number {
  const text = header.toString('latin1', start, start + bytes).replace(/[\0 ]+$/, '')
  if (!/^[0-7]{1,11}$/.test(text)) throw new TarError('A header is damaged.')
  return Array.from(text).reduce((value, digit) => value * 8 + digit.charCodeAt(0) - ZERO, 0)
}
