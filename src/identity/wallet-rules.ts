import { createPublicKey, verify } from 'node:crypto'

import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { base58 } from '@scure/base'

import { Forbidden, Invalid } from '../core/errors.ts'
import type { SignInMessage } from './wallet-message.ts'

/**
 * Refuses a message that was not made for us, here and now. `origin` is ours, as https://wiki.example, and never what a
 * request says of itself. Fails, in this order: wallet_site_differs, wallet_chain_unknown, wallet_message_expired.
 */
export function checkMessage(message: SignInMessage, { origin, now }: { origin: string; now: Date }): void {
  const site = new URL(origin)
  const scheme_differs = message.scheme !== undefined && `${message.scheme}:` !== site.protocol
  const uri_differs = message.uri !== undefined && originOf(message.uri) !== site.origin
  if (message.domain !== site.host || scheme_differs || uri_differs) {
    throw new Forbidden('wallet_site_differs', `The message is for another site than ${site.host}. Sign nothing there.`)
  }
  if (message.chainId !== undefined && !CHAIN_IDS[message.chain].includes(message.chainId)) {
    const known = CHAIN_IDS[message.chain]
    throw new Invalid('wallet_chain_unknown', `The chain id is one of ${known.join(', ')}.`, { known: [...known] })
  }
  const age_ms = now.getTime() - message.issuedAt.getTime()
  const over = message.expiresAt !== undefined && message.expiresAt <= now
  const early = message.notBefore !== undefined && message.notBefore > now
  if (age_ms > AGE_MAX_MS || age_ms < -AHEAD_MAX_MS || over || early) {
    throw new Invalid('wallet_message_expired', 'The message is not of now. Ask for a new one and sign that.')
  }
}

/**
 * Refuses a signature that the wallet did not make over exactly this text: EIP-191 and secp256k1 as 0x and 130 hex digits
 * for `evm`, Ed25519 over the bytes in base58 for `solana`. Fails: wallet_signature_invalid.
 */
export function checkSignature({ chain, address, text }: SignInMessage, signature: string): void {
  const valid = chain === 'evm' ? recoverEvm(text, signature) === address : verifySolana(text, { signature, address })
  if (!valid) throw new Invalid('wallet_signature_invalid', 'The signature is not by this wallet over this message.')
}

/** As it is written with capitals that check it (EIP-55); undefined when it is no address. */
export function evmAddress(text: string): string | undefined {
  if (!EVM_ADDRESS.test(text)) return undefined
  const lower = text.slice(2).toLowerCase()
  const digest = Buffer.from(keccak_256(Buffer.from(lower))).toString('hex')
  return `0x${lower.replaceAll(/./g, (letter, i: number) => (digest[i]! >= '8' ? letter.toUpperCase() : letter))}`
}

/** The 32 bytes of an Ed25519 key; undefined when it is no address. */
export function solanaKey(address: string): Buffer | undefined {
  const bytes = fromBase58(address)
  return bytes?.length === KEY_BYTES ? bytes : undefined
}

/** A proof of a key is one on any chain that has it; these are what wallets write where they are asked for none. */
const CHAIN_IDS: Readonly<Record<Chain, readonly string[]>> = { evm: ['1'], solana: ['mainnet', 'solana:mainnet'] }
export type Chain = 'evm' | 'solana'

const AGE_MAX_MS = 10 * 60_000
const AHEAD_MAX_MS = 60_000
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const BASE58_LENGTH_MAX = 100
const EVM_ADDRESS = /^0x[0-9a-fA-F]{40}$/
const EVM_SIGNATURE = /^0x([0-9a-f]{64})([0-9a-f]{64})(1b|1c|00|01)$/i
/** What stands before the 32 bytes of a key as node:crypto reads it (RFC 8410). */
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex')

function recoverEvm(text: string, signature: string): string | undefined {
  const [, r, s, v] = EVM_SIGNATURE.exec(signature) ?? []
  if (r === undefined || s === undefined || v === undefined) return undefined
  const bytes = Buffer.from(text)
  const digest = keccak_256(Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${bytes.length}`), bytes]))
  try {
    const recovery = BigInt(`0x${v}`) % 27n === 0n ? 0 : 1
    const parsed = new secp256k1.Signature(BigInt(`0x${r}`), BigInt(`0x${s}`), recovery)
    // Each signature has a twin with a high s; taking one of the two is what EIP-2 asks.
    if (parsed.hasHighS()) return undefined
    const key = parsed.recoverPublicKey(digest).toBytes(false)
    return evmAddress(
      `0x${Buffer.from(keccak_256(key.subarray(1)))
        .toString('hex')
        .slice(24)}`,
    )
  } catch {
    return undefined
  }
}

function verifySolana(text: string, { signature, address }: { signature: string; address: string }): boolean {
  const [key, signed] = [solanaKey(address), fromBase58(signature)]
  if (!key || signed?.length !== SIGNATURE_BYTES) return false
  try {
    const spki = createPublicKey({ key: Buffer.concat([SPKI_ED25519, key]), format: 'der', type: 'spki' })
    return verify(null, Buffer.from(text), spki, signed)
  } catch {
    return false
  }
}

function fromBase58(text: string): Buffer | undefined {
  if (text.length === 0 || text.length > BASE58_LENGTH_MAX) return undefined
  try {
    return Buffer.from(base58.decode(text))
  } catch {
    return undefined
  }
}

function originOf(uri: string): string | undefined {
  return URL.canParse(uri) ? new URL(uri).origin : undefined
}
