import { hash, randomBytes } from 'node:crypto'

import type { Tx } from '../core/db.ts'
import { Conflict, Invalid } from '../core/errors.ts'
import { readSignInMessage, writeSignInMessage } from './wallet-message.ts'
import { type Chain, checkMessage, checkSignature, evmAddress, solanaKey } from './wallet-rules.ts'

/**
 * A message for the wallet at `address` to sign, and its nonce, which is ours and good once: to link the wallet to
 * `person`; or, without one, to sign in, and then with exactly this text. Fails: wallet_address_invalid.
 */
export async function makeChallenge(
  tx: Tx,
  { person, chain, address, origin, now }: MakeChallenge,
): Promise<{ message: string; expires_at: Date }> {
  const known = chain === 'evm' ? evmAddress(address) : solanaKey(address) && address
  if (known === undefined) {
    throw new Invalid('wallet_address_invalid', 'This is no address of that chain: 0x and 40 hex digits, or base58.')
  }
  const { statement, lasts_ms } = person === undefined ? SIGN_IN : LINK
  const nonce = randomBytes(NONCE_BYTES).toString('hex')
  const expiresAt = new Date(now.getTime() + lasts_ms)
  const message = writeSignInMessage({ origin, chain, address: known, statement, nonce, now, expiresAt })
  const purpose = person === undefined ? { text_hash: hashOf(message) } : { person }
  await tx
    .insertInto('identity.wallet_nonce')
    .values({ nonce, ...purpose, expires_at: expiresAt })
    .execute()
  return { message, expires_at: expiresAt }
}

/**
 * The wallet that signed the message of `makeChallenge` for the same purpose. The nonce that is taken is the one in the
 * message's own line.
 * Fails, in this order: wallet_message_invalid, wallet_site_differs, wallet_chain_unknown, wallet_message_expired,
 * wallet_signature_invalid, wallet_nonce_unknown.
 */
export async function takeProof(
  tx: Tx,
  { person, message: text, signature, origin, now }: TakeProof,
): Promise<{ chain: Chain; address: string }> {
  const message = readSignInMessage(text)
  checkMessage(message, { origin, now })
  checkSignature(message, signature)
  const { chain, address, nonce } = message
  const purpose =
    person === undefined
      ? ({ column: 'text_hash', value: hashOf(text) } as const)
      : ({ column: 'person', value: person } as const)
  const taken = await tx
    .deleteFrom('identity.wallet_nonce')
    .where('nonce', '=', nonce)
    .where(purpose.column, '=', purpose.value)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  if (taken.numDeletedRows === 0n) {
    throw new Conflict('wallet_nonce_unknown', 'The message was used before, or has expired. Ask for a new one.')
  }
  return { chain, address }
}

/** The wallet that a message names, whether it signed it or not; undefined when it is no message. */
export function walletOfMessage(text: string): { chain: Chain; address: string } | undefined {
  try {
    return readSignInMessage(text)
  } catch {
    return undefined
  }
}

/** Forgets nonces that nobody used. */
export async function sweepNonces(tx: Tx, { now }: { now: Date }): Promise<void> {
  await tx.deleteFrom('identity.wallet_nonce').where('expires_at', '<=', now).execute()
}

export interface MakeChallenge {
  /** Who links; undefined when somebody signs in, and may be anybody. */
  person?: string
  chain: Chain
  address: string
  /** Ours, by configuration. */
  origin: string
  now: Date
}

export interface TakeProof {
  person?: string
  message: string
  signature: string
  origin: string
  now: Date
}

const LINK = {
  statement: 'Link this wallet to your account. This moves nothing and costs nothing.',
  lasts_ms: 5 * 60_000,
}
const SIGN_IN = {
  statement: 'Sign in to the account that this wallet is linked to. This moves nothing and costs nothing.',
  lasts_ms: 10 * 60_000,
}
const NONCE_BYTES = 16

function hashOf(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
