import { createPrivateKey, generateKeyPairSync } from 'node:crypto'

import { expect, test } from 'vitest'

import { formatVkey, newSigningKey, parseVkey, signingKeyFromPem, signingKeyToPem, verifierOf } from './keys.ts'

// The keys of the seeds 00 01 … 1f and 20 21 … 3f; the verifier keys were computed by two other implementations.
const LOG_VKEY = 'log.example/proofs+54a1cc5a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4'
const WITNESS_VKEY = 'witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X'

test('a verifier key names the signer and holds its public key', () => {
  const seed = Buffer.from(Array.from({ length: 32 }, (_, i) => i))
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  expect(formatVkey(verifierOf('log.example/proofs', key))).toBe(LOG_VKEY)
  expect(parseVkey(LOG_VKEY)).toMatchObject({ name: 'log.example/proofs', id: 0x54a1cc5a, type: 1 })
  expect(parseVkey(`${WITNESS_VKEY}\n`)).toMatchObject({ name: 'witness.example/w1', id: 0x20324abe, type: 4 })
  expect(formatVkey(parseVkey(WITNESS_VKEY))).toBe(WITNESS_VKEY)
})

test.each([
  ['another id', LOG_VKEY.replace('54a1cc5a', '54a1cc5b')],
  ['another name', LOG_VKEY.replace('proofs', 'proof')],
  ['another key', LOG_VKEY.replace('AQOh', 'AQOi')],
  ['another type', LOG_VKEY.replace('+AQ', '+Ag')],
  ['base64 without its end', LOG_VKEY.slice(0, -1)],
  ['base64 with junk', `${LOG_VKEY}!`],
  ['an id in capitals', LOG_VKEY.replace('54a1cc5a', '54A1CC5A')],
  ['no name', LOG_VKEY.slice('log.example/proofs'.length)],
  ['nothing', ''],
])('a verifier key with %s is refused', (_, vkey) => {
  expect(() => parseVkey(vkey)).toThrow(expect.objectContaining({ code: 'vkey_invalid' }))
})

test.each(['', 'a b', 'a+b', 'a\nb', 'a\u00a0b', 'a\u0085b', 'a\ud800b'])('%j is no name of a key', (name) => {
  expect(() => verifierOf(name, newSigningKey())).toThrow(expect.objectContaining({ code: 'key_name_invalid' }))
})

test('a signing key survives being written to a file', () => {
  const key = newSigningKey()
  const pem = signingKeyToPem(key)
  expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  expect(signingKeyFromPem(pem).equals(key)).toBe(true)
})

test('a file that holds another kind of key, or none, is refused', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  for (const pem of [signingKeyToPem(other), 'not a key', '']) {
    expect(() => signingKeyFromPem(pem)).toThrow(expect.objectContaining({ code: 'signing_key_invalid' }))
  }
})
