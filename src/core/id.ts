import { randomBytes } from 'node:crypto'

import { assert } from './assert.ts'
import { NotFound } from './errors.ts'

/** A new UUIDv7 (RFC 9562, section 5.7): sortable by time, unguessable in its last 74 bits. */
export function newUuid(now: Date): string {
  const bytes = randomBytes(16)
  writeTime(bytes, now.getTime())
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return format(bytes)
}

/**
 * The public id of a row that the database numbers and stamps (an entry, an audit event): a UUIDv7 of its time whose
 * rand_b is the number. It is computed, never stored, so it costs no column and no index (docs/adr/0002).
 */
export function serialUuid(serial: bigint, at: Date): string {
  return format(serialUuidBytes(serial, at))
}

export function serialUuidBytes(serial: bigint, at: Date): Buffer {
  assert(serial >= 0n && serial < 1n << 62n, `Serial ${serial} does not fit into a UUID`)
  const bytes = Buffer.alloc(16)
  writeTime(bytes, at.getTime())
  bytes[6] = 0x70
  bytes.writeBigUInt64BE((0b10n << 62n) | serial, 8)
  return bytes
}

/** The number and the time in a `serialUuid`. Fails: `code` when the text is none. */
export function parseSerialUuid(uuid: string, code: string): { serial: bigint; at: Date } {
  if (!SERIAL_UUID.test(uuid)) throw new NotFound(code, `There is nothing with the id ${uuid.slice(0, 64)}.`)
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex')
  return { serial: bytes.readBigUInt64BE(8) & ((1n << 62n) - 1n), at: new Date(bytes.readUIntBE(0, 6)) }
}

/** A UUID as we write it. PostgreSQL takes other spellings for the same one, and fails at anything else. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const SERIAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function writeTime(bytes: Buffer, time_ms: number): void {
  bytes.writeUIntBE(time_ms, 0, 6)
}

function format(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
