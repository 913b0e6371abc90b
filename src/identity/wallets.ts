import { randomBytes } from 'node:crypto'

import type { Selectable } from 'kysely'

import { record } from '../core/audit.ts'
import { type Db, isPgError, PG, type Tx } from '../core/db.ts'
import { Conflict, Invalid, NotFound } from '../core/errors.ts'
import type { IdentityWallet } from '../core/schema.gen.ts'
import { readSignInMessage, type SignInMessage, writeSignInMessage } from './wallet-message.ts'
import { type Chain, checkMessage, checkSignature, evmAddress, solanaKey } from './wallet-rules.ts'

/**
 * A message for the wallet at `address` to sign, which proves to us that it is the person's. Its nonce is ours, for this
 * person alone, for five minutes, once. Fails: wallet_address_invalid.
 */
export async function challengeWallet(
  tx: Tx,
  { person, chain, address, origin, now }: ChallengeWallet,
): Promise<{ message: string; expires_at: Date }> {
  const known = chain === 'evm' ? evmAddress(address) : solanaKey(address) && address
  if (known === undefined) {
    throw new Invalid('wallet_address_invalid', 'This is no address of that chain: 0x and 40 hex digits, or base58.')
  }
  const nonce = randomBytes(NONCE_BYTES).toString('hex')
  const expiresAt = new Date(now.getTime() + NONCE_MS)
  await tx.deleteFrom('identity.wallet_nonce').where('person', '=', person).where('expires_at', '<=', now).execute()
  await tx.insertInto('identity.wallet_nonce').values({ nonce, person, expires_at: expiresAt }).execute()
  const statement = 'Link this wallet to your account. This moves nothing and costs nothing.'
  const message = writeSignInMessage({ origin, chain, address: known, statement, nonce, now, expiresAt })
  return { message, expires_at: expiresAt }
}

/**
 * Links the wallet that signed `message` to `person`: one of each chain, and each wallet to one person. The nonce that is
 * taken is the one in the message's own line, and is gone with the link.
 * Fails, in this order: wallet_message_invalid, wallet_site_differs, wallet_chain_unknown, wallet_message_expired,
 * wallet_signature_invalid, wallet_nonce_unknown, wallet_of_another, wallet_linked.
 */
export async function linkWallet(
  tx: Tx,
  { person, message: text, signature, origin, now }: LinkWallet,
): Promise<Wallet> {
  const { chain, address, nonce } = proveWallet(text, { signature, origin, now })
  const taken = await tx
    .deleteFrom('identity.wallet_nonce')
    .where('nonce', '=', nonce)
    .where('person', '=', person)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  if (taken.numDeletedRows === 0n) {
    throw new Conflict('wallet_nonce_unknown', 'The message was used before, or has expired. Ask for a new one.')
  }
  const wallet = { chain, address, created_at: now }
  try {
    await tx
      .insertInto('identity.wallet')
      .values({ ...wallet, person })
      .execute()
  } catch (error) {
    if (isPgError(error, PG.unique_violation, 'wallet_pkey')) {
      throw new Conflict('wallet_of_another', 'This wallet is linked already.')
    }
    if (!isPgError(error, PG.unique_violation)) throw error
    throw new Conflict('wallet_linked', 'You have a wallet on this chain already. Unlink it first.')
  }
  await record(tx, {
    at: now,
    actor: `person:${person}`,
    action: 'wallet.link',
    subject: `person:${person}`,
    diff: { after: { chain, address } },
  })
  return wallet
}

/** Ends the link to the person's wallet of that chain. Fails: wallet_not_found. */
export async function unlinkWallet(tx: Tx, { person, chain, now }: UnlinkWallet): Promise<Wallet> {
  const wallet = await tx
    .deleteFrom('identity.wallet')
    .where('person', '=', person)
    .where('chain', '=', chain)
    .returning(['chain', 'address', 'created_at'])
    .$castTo<Wallet>()
    .executeTakeFirst()
  if (!wallet) throw new NotFound('wallet_not_found', 'You have no wallet on this chain.')
  await record(tx, {
    at: now,
    actor: `person:${person}`,
    action: 'wallet.unlink',
    subject: `person:${person}`,
    diff: { before: { chain, address: wallet.address } },
  })
  return wallet
}

export async function walletsOf(db: Db | Tx, person: string): Promise<Wallet[]> {
  return await db
    .selectFrom('identity.wallet')
    .select(['chain', 'address', 'created_at'])
    .where('person', '=', person)
    .orderBy('chain')
    .$castTo<Wallet>()
    .execute()
}

/** Forgets nonces that nobody used. */
export async function sweepNonces(tx: Tx, { now }: { now: Date }): Promise<void> {
  await tx.deleteFrom('identity.wallet_nonce').where('expires_at', '<=', now).execute()
}

export type Wallet = Pick<Selectable<IdentityWallet>, 'address' | 'created_at'> & { chain: Chain }

export interface ChallengeWallet {
  person: string
  chain: Chain
  address: string
  /** Ours, by configuration. */
  origin: string
  now: Date
}

export interface LinkWallet {
  person: string
  message: string
  signature: string
  origin: string
  now: Date
}

export interface UnlinkWallet {
  person: string
  chain: Chain
  now: Date
}

const NONCE_BYTES = 16
const NONCE_MS = 5 * 60_000

function proveWallet(
  text: string,
  { signature, origin, now }: { signature: string; origin: string; now: Date },
): SignInMessage {
  const message = readSignInMessage(text)
  checkMessage(message, { origin, now })
  checkSignature(message, signature)
  return message
}
