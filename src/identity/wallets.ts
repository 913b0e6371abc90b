import type { Selectable } from 'kysely'

import { record } from '../core/audit.ts'
import { type Db, isPgError, PG, type Tx } from '../core/db.ts'
import { Conflict, NotFound } from '../core/errors.ts'
import type { IdentityWallet } from '../core/schema.gen.ts'
import { type TakeProof, takeProof } from './wallet-challenges.ts'
import type { Chain } from './wallet-rules.ts'

/**
 * Links the wallet that signed the message of a challenge for this person: one of each chain, and each wallet to one
 * person. The nonce is gone with the link.
 * Fails, in this order: as `takeProof`, wallet_of_another, wallet_linked.
 */
export async function linkWallet(tx: Tx, { person, now, ...proof }: LinkWallet): Promise<Wallet> {
  const { chain, address } = await takeProof(tx, { ...proof, person, now })
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

/** Whose wallet it is, and what they sign in with; undefined when nobody has linked it. */
export async function ownerOfWallet(
  db: Db | Tx,
  { chain, address }: { chain: Chain; address: string },
): Promise<{ person: string; login: string } | undefined> {
  return await db
    .selectFrom('identity.wallet as wallet')
    .innerJoin('identity.person as person', 'person.id', 'wallet.person')
    .select(['person.id as person', 'person.auth_user as login'])
    .where('wallet.chain', '=', chain)
    .where('wallet.address', '=', address)
    .where('person.auth_user', 'is not', null)
    .$narrowType<{ login: string }>()
    .executeTakeFirst()
}

export type Wallet = Pick<Selectable<IdentityWallet>, 'address' | 'created_at'> & { chain: Chain }

export interface LinkWallet extends TakeProof {
  person: string
}

export interface UnlinkWallet {
  person: string
  chain: Chain
  now: Date
}
