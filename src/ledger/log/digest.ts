import { hash } from 'node:crypto'

import canonicalize from 'canonicalize'

import { assert, must } from '../../core/assert.ts'
import { Invalid } from '../../core/errors.ts'
import { newWriter, putBinary, putRawText, putU32, putU64, restart, written } from './bytes.ts'

export const SALT_BYTES = 16
const MAX_DEPTH = 32

// How a leaf commits to what it does not show: SHA-256 over a salt and the value. The salts come from one random salt a
// row, so that erasing that one makes all of them unguessable. Salts and digests are binary strings (one character a
// byte), which cost a third of what a Buffer each would.

/** K = SHA-512(salt): the first 16 bytes are the salt of an entry's metadata, then that of its actor, then the posting key. */
export function entrySalts(salt: Uint8Array): { metadata: string; actor: string; postingKey: string } {
  const derived = derive(salt)
  return { metadata: derived.slice(0, 16), actor: derived.slice(16, 32), postingKey: derived.slice(32, 48) }
}

/** K = SHA-512(salt): the first 16 bytes are the salt of an audit event's diff, the next 16 that of its actor. */
export function auditSalts(salt: Uint8Array): { diff: string; actor: string } {
  const derived = derive(salt)
  return { diff: derived.slice(0, 16), actor: derived.slice(16, 32) }
}

/**
 * P = SHA-512(posting key ‖ u32 number): the first 16 bytes are the posting's salt, then those of its from line and of its
 * to line. Knowing one says nothing of another, nor of the next posting's.
 */
export function postingSalts(postingKey: string, no: number): PostingSalts {
  restart(scratch)
  putBinary(scratch, postingKey)
  putU32(scratch, no)
  const derived = hash('sha512', written(scratch), 'binary')
  return { posting: derived.slice(0, 16), from: derived.slice(16, 32), to: derived.slice(32, 48) }
}

/** SHA-256(salt ‖ u64 version ‖ balance): how a posting commits to what it makes of one account. */
export function lineDigest(salt: string, { version, balance }: Line): string {
  restart(scratch)
  putBinary(scratch, salt)
  putU64(scratch, version)
  putRawText(scratch, balance.toString())
  return hash('sha256', written(scratch), 'binary')
}

/** SHA-256(salt ‖ text), with no text where there is no value. */
export function textDigest(salt: string, text: string | null): string {
  restart(scratch)
  putBinary(scratch, salt)
  putRawText(scratch, text ?? '')
  return hash('sha256', written(scratch), 'binary')
}

/** SHA-256(salt ‖ canonical JSON), with no JSON where there is no value. Fails: metadata_invalid. */
export function jsonDigest(salt: string, value: unknown): string {
  return textDigest(salt, value === null ? null : canonicalJson(value))
}

/**
 * The one text of a JSON value (RFC 8785, JCS). What could not come back from the database as it went in is refused:
 * lone surrogates, U+0000, NaN, infinities, integers beyond 2^53 - 1 (write them as text), undefined, holes, dates and other
 * objects of a class, and nesting deeper than 32.
 * Fails: metadata_invalid.
 */
export function canonicalJson(value: unknown): string {
  checkJson(value, 0)
  return must(canonicalize(value), 'A checked JSON value has a canonical text')
}

const scratch = newWriter()

function derive(salt: Uint8Array): string {
  assert(salt.length === SALT_BYTES, `A salt has ${SALT_BYTES} bytes`)
  return hash('sha512', salt, 'binary')
}

function checkJson(value: unknown, depth: number): void {
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'string') return checkText(value)
  if (typeof value === 'number') return checkNumber(value)
  if (typeof value !== 'object') refuse(`it holds a ${typeof value}, which JSON does not have`)
  if (depth === MAX_DEPTH) refuse(`it is nested deeper than ${MAX_DEPTH}`)
  if (Array.isArray(value)) {
    for (const each of value) checkJson(each, depth + 1)
    return
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) refuse('it holds an object that is not plain')
  for (const [key, each] of Object.entries(value)) {
    checkText(key)
    checkJson(each, depth + 1)
  }
}

function checkText(text: string): void {
  if (!text.isWellFormed()) refuse('it holds text with half a character (a lone surrogate)')
  if (text.includes('\0')) refuse('it holds text with the character U+0000')
}

function checkNumber(value: number): void {
  if (!Number.isFinite(value)) refuse('it holds a number that is not finite')
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    refuse('it holds an integer beyond 2^53 - 1; write it as text')
}

function refuse(why: string): never {
  throw new Invalid('metadata_invalid', `The metadata cannot be recorded: ${why}.`)
}

/** Binary strings: one character a byte. */
export type PostingSalts = { posting: string; from: string; to: string }
/** An account's version and balance after a posting. */
export type Line = { version: bigint; balance: bigint }
