import { Invalid } from '../../core/errors.ts'
import { putDigest } from './merkle.ts'

// Everything the log hashes is written with these: integers big-endian, text as UTF-8 behind its length in 4 bytes.

/** A buffer to write into again and again: what `written` gives is overwritten by whoever restarts it next. */
export function newWriter(): Writer {
  return { bytes: Buffer.alloc(FIRST_CAPACITY), end: 0 }
}

export function restart(writer: Writer): Writer {
  writer.end = 0
  return writer
}

export function written(writer: Writer): Buffer {
  return writer.bytes.subarray(0, writer.end)
}

export function putU8(writer: Writer, value: number): void {
  const at = advance(writer, 1)
  writer.bytes[at] = value
}

export function putU32(writer: Writer, value: number): void {
  const at = advance(writer, 4)
  const { bytes } = writer
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

export function putU64(writer: Writer, value: bigint): void {
  const at = advance(writer, 8)
  writer.bytes.writeBigUInt64BE(value, at)
}

/** Unix milliseconds as a signed 64-bit integer. */
export function putTime(writer: Writer, time: Date): void {
  const time_ms = time.getTime()
  putU32(writer, Math.floor(time_ms / 2 ** 32))
  putU32(writer, time_ms)
}

export function putBytes(writer: Writer, bytes: Uint8Array): void {
  const at = advance(writer, bytes.length)
  writer.bytes.set(bytes, at)
}

/** What `hash(…, 'binary')` gave, or a part of it. */
export function putBinary(writer: Writer, digest: string): void {
  const at = advance(writer, digest.length)
  putDigest(digest, writer.bytes, at)
}

export function putText(writer: Writer, text: string): void {
  const at = advance(writer, 4)
  putRawText(writer, text)
  const { end } = writer
  writer.end = at
  putU32(writer, end - at - 4)
  writer.end = end
}

/** Text without its length, where it is the last thing that is hashed. */
export function putRawText(writer: Writer, text: string): void {
  const at = advance(writer, text.length)
  const { bytes } = writer
  // Nearly all text here is short ASCII, which this writes in a third of the time of Buffer.write.
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f || text.length > LONG_TEXT) {
      writer.end = at
      return putUnicode(writer, text)
    }
    bytes[at + i] = unit
  }
}

/** Reads what the above wrote, and refuses with `code` whatever ends early, runs on or is no UTF-8. */
export function newReader(bytes: Uint8Array, code: string): Reader {
  return { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0, code }
}

export function takeBytes(reader: Reader, length: number): Buffer {
  const { at } = reader
  if (length > reader.bytes.length - at) throw new Invalid(reader.code, `The data ends early, at byte ${at}.`)
  reader.at += length
  return Buffer.from(reader.bytes.subarray(at, at + length))
}

export function takeU8(reader: Reader): number {
  return takeBytes(reader, 1)[0]!
}

export function takeU32(reader: Reader): number {
  return takeBytes(reader, 4).readUInt32BE()
}

export function takeTime(reader: Reader): Date {
  const time_ms = takeBytes(reader, 8).readBigInt64BE()
  if (time_ms < -LAST_TIME_MS || time_ms > LAST_TIME_MS) {
    throw new Invalid(reader.code, `The data has the time ${time_ms} ms, which no calendar has.`)
  }
  return new Date(Number(time_ms))
}

export function takeText(reader: Reader): string {
  const bytes = takeBytes(reader, takeU32(reader))
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Invalid(reader.code, `The data has text that is not UTF-8, before byte ${reader.at}.`)
  }
}

export function takeEnd(reader: Reader): void {
  const left = reader.bytes.length - reader.at
  if (left > 0) throw new Invalid(reader.code, `The data runs on for ${left} bytes.`)
}

const FIRST_CAPACITY = 4096
const LONG_TEXT = 200
/** The range of Date (ECMA-262, section 21.4.1.1). */
const LAST_TIME_MS = 8_640_000_000_000_000n
// A byte order mark is a character like any other here: dropping it would make two texts one.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function putUnicode(writer: Writer, text: string): void {
  const at = advance(writer, Buffer.byteLength(text))
  writer.bytes.write(text, at)
}

/** Makes room for `length` bytes and gives the place where they begin. */
function advance(writer: Writer, length: number): number {
  const at = writer.end
  writer.end = at + length
  if (writer.end > writer.bytes.length) {
    const larger = Buffer.alloc(Math.max(2 * writer.bytes.length, writer.end))
    larger.set(writer.bytes.subarray(0, at))
    writer.bytes = larger
  }
  return at
}

export type Writer = { bytes: Buffer; end: number }
export type Reader = { bytes: Buffer; at: number; code: string }
