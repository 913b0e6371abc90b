import { z } from 'zod'

import { personOf } from '../core/actor.ts'
import { type Db, transaction } from '../core/db.ts'
import { router, zText, zTime, zUuid } from '../core/http.ts'
import { asMember } from '../core/member.ts'
import { findPerson } from './identity.ts'
import { makeChallenge } from './wallet-challenges.ts'
import { MESSAGE_LENGTH_MAX } from './wallet-message.ts'
import { linkWallet, unlinkWallet, walletsOf } from './wallets.ts'

/** `site` is where people reach us, as https://wiki.example: by configuration, never by a request's own word. */
const route = router<{ db: Db; site: string }>()

const zChain = z.enum(['evm', 'solana'])
const zWallet = z.object({ chain: zChain, address: z.string(), created_at: zTime })

export const walletRoutes = [
  route({
    method: 'get',
    path: '/me/wallets',
    may: 'me.read',
    summary: 'List your wallets',
    description: 'Those that you proved to be yours, at most one of each chain.',
    response: z.object({ data: z.array(zWallet) }),
    handler: async ({ scope: { db }, actor }) => {
      const person = personOf(actor)
      return { data: await asMember(db, person, async (tx) => await walletsOf(tx, person)) }
    },
  }),
  route({
    method: 'get',
    path: '/people/:id/wallets',
    may: 'people.read',
    summary: 'List a person’s wallets',
    description: 'Those that the person proved to be theirs.',
    errors: ['person_not_found'],
    params: { id: zUuid },
    response: z.object({ data: z.array(zWallet) }),
    handler: async ({ scope: { db }, params: { id } }) => {
      const person = await findPerson(db, { id })
      return { data: await walletsOf(db, person.id) }
    },
  }),
  route({
    method: 'post',
    path: '/me/wallets/challenges',
    may: 'me.manage_wallets',
    idempotency: 'inherent',
    status: 201,
    summary: 'Ask for a message to sign',
    description:
      'A message of ERC-4361, or its like for Solana, with a nonce of ours that is good for five minutes, for you, once. Have the wallet sign exactly this text.',
    errors: ['wallet_address_invalid'],
    body: z.strictObject({ chain: zChain, address: zText(64) }),
    response: z.object({ message: z.string(), expires_at: zTime }),
    handler: async ({ scope: { db, site }, actor, body, now }) => {
      const asked = { ...body, person: personOf(actor), origin: site, now }
      return await transaction(db, async (tx) => await makeChallenge(tx, asked))
    },
  }),
  route({
    method: 'post',
    path: '/me/wallets',
    may: 'me.manage_wallets',
    idempotency: 'required',
    status: 201,
    summary: 'Link a wallet',
    description:
      'With the message that the wallet signed, as it is, and the signature: `0x` and 130 hex digits for `evm`, base58 for `solana`. A wallet is linked to one person.',
    errors: [
      'wallet_message_invalid',
      'wallet_site_differs',
      'wallet_chain_unknown',
      'wallet_message_expired',
      'wallet_signature_invalid',
      'wallet_nonce_unknown',
      'wallet_of_another',
      'wallet_linked',
    ],
    body: z.strictObject({ message: z.string().min(1).max(MESSAGE_LENGTH_MAX), signature: zText(200) }),
    response: zWallet,
    handler: async ({ tx, scope: { site }, actor, body, now }) =>
      await linkWallet(tx, { ...body, person: personOf(actor), origin: site, now }),
  }),
  route({
    method: 'post',
    path: '/me/wallets/:chain/unlink',
    may: 'me.manage_wallets',
    idempotency: 'required',
    summary: 'Unlink a wallet',
    description: 'It may then be linked again, by you or by somebody else who can sign with it.',
    errors: ['wallet_not_found'],
    params: { chain: zChain },
    response: zWallet,
    handler: async ({ tx, actor, params: { chain }, now }) =>
      await unlinkWallet(tx, { person: personOf(actor), chain, now }),
  }),
]
