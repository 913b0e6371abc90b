import { sha256 as hash } from '@noble/hashes/sha2.js'

/** What is wrong with a file that was to prove something: `code` as docs/log.md, section 11, names it. */
export class ProofError extends Error {
  override name = 'ProofError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const state = hash.create()
  for (const part of parts) state.update(part)
  return state.digest()
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The standard alphabet with padding, and of the texts that some bytes could have only the one that encodes them. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return toBase64(bytes) === text ? bytes : undefined
}

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** Big-endian, in `width` bytes. */
export function whole(value: bigint, width: 1 | 4 | 8): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value)
  return bytes.subarray(8 - width)
}

/** A text behind its length in bytes. */
export function prefixed(text: string): Uint8Array {
  const bytes = utf8(text)
  return concat(whole(BigInt(bytes.length), 4), bytes)
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export const HASH_BYTES = 32
