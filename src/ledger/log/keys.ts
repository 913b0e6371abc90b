import { createPrivateKey, createPublicKey, generateKeyPairSync, hash } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

import { must } from '../../core/assert.ts'
import { Invalid } from '../../core/errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'

// The signature types of C2SP signed-note that Florin signs (1) and reads (both).
export const ED25519 = 1
export const ED25519_COSIGNATURE = 4

const PUBLIC_KEY_BYTES = 32

export function newSigningKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey
}

/** The key as it lies on disk: PKCS #8 in PEM. */
export function signingKeyToPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Fails: signing_key_invalid. */
export function signingKeyFromPem(pem: string): KeyObject {
  const key = readPrivateKey(pem)
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new Invalid('signing_key_invalid', 'The signing key is not an Ed25519 private key in PKCS #8 PEM.')
}

/** The verifier that belongs to a private or public Ed25519 key under `name`. Fails: key_name_invalid. */
export function verifierOf(name: string, key: KeyObject): Verifier {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const raw = Buffer.from(must(publicKey.export({ format: 'jwk' }).x, 'An Ed25519 key has an x'), 'base64url')
  return makeVerifier({ name, type: ED25519, raw })
}

/** `name+key id+base64(type ‖ public key)`: all that somebody needs to check signatures (C2SP signed-note). */
export function formatVkey({ name, id, type, publicKey }: Verifier): string {
  const raw = Buffer.from(must(publicKey.export({ format: 'jwk' }).x, 'An Ed25519 key has an x'), 'base64url')
  return `${name}+${hexId(id)}+${encodeBase64(Buffer.concat([Buffer.of(type), raw]))}`
}

/** Fails: vkey_invalid, key_name_invalid. */
export function parseVkey(vkey: string): Verifier {
  const [, name, id, key] = VKEY.exec(vkey.trim()) ?? []
  const bytes = decodeBase64(key ?? '')
  const type = bytes?.[0]
  if (!name || !bytes || bytes.length !== 1 + PUBLIC_KEY_BYTES || (type !== ED25519 && type !== ED25519_COSIGNATURE)) {
    throw new Invalid('vkey_invalid', 'A verifier key reads name+8 hex digits+base64 of an Ed25519 key.')
  }
  const verifier = makeVerifier({ name, type, raw: bytes.subarray(1) })
  if (hexId(verifier.id) === id) return verifier
  throw new Invalid(
    'vkey_invalid',
    `The verifier key ${name} has the id ${id}, and its bytes make ${hexId(verifier.id)}.`,
  )
}

/** Fails: key_name_invalid. */
export function checkKeyName(name: string): void {
  if (KEY_NAME.test(name) && name.isWellFormed()) return
  throw new Invalid(
    'key_name_invalid',
    'The name of a signing key is not empty, without spaces, plus and control characters.',
  )
}

// Key names may hold anything but spaces, plus and control characters; base64 may hold a plus.
const KEY_NAME = /^[^\p{White_Space}\p{Cc}+]+$/u
const VKEY = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/

/** The first four bytes of SHA-256(name ‖ 0A ‖ type ‖ public key). */
function makeVerifier({ name, type, raw }: { name: string; type: SignatureType; raw: Buffer }): Verifier {
  checkKeyName(name)
  const digest = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), raw]), 'buffer')
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }
  return { name, id: digest.readUInt32BE(), type, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) }
}

function hexId(id: number): string {
  return id.toString(16).padStart(8, '0')
}

function readPrivateKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}

export type SignatureType = typeof ED25519 | typeof ED25519_COSIGNATURE
/** Who may sign, and how to check it. Name and id together say which signature line is theirs. */
export type Verifier = { name: string; id: number; type: SignatureType; publicKey: KeyObject }
