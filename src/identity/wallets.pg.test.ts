import { createPrivateKey, sign } from 'node:crypto'

import { base58 } from '@scure/base'
import { expect, test } from 'vitest'

import { TEST_START } from '../../test/helpers.ts'
import { testPeople, type TestPeople } from '../../test/people.ts'
import { listEvents } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { identityRoutes } from './routes.ts'
import { sweepNonces } from './wallet-challenges.ts'

const ADDRESS = 'FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF'
const SEED = Buffer.from(Array.from({ length: 32 }, (_, i) => i))
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const KEY = createPrivateKey({ key: Buffer.concat([PKCS8, SEED]), format: 'der', type: 'pkcs8' })
const signed = (message: string) => ({ message, signature: base58.encode(sign(null, Buffer.from(message), KEY)) })
const later = (ms: number) => new Date(TEST_START.getTime() + ms)

async function challenge(t: TestPeople, as: string): Promise<string> {
  const { json } = await t.post('/me/wallets/challenges', { chain: 'solana', address: ADDRESS }, { as })
  return json['message'] as string
}

const link = async (t: TestPeople, as: string, body: object) => await t.post('/me/wallets', body, { as })

test('whoever signs our message with a wallet has it linked', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const message = await challenge(t, ann)
  expect(message).toContain('wiki.example wants you to sign in with your Solana account:')
  const linked = { chain: 'solana', address: ADDRESS, created_at: TEST_START.toISOString() }
  expect(await link(t, ann, signed(message))).toMatchObject({ status: 201, json: linked })
  expect((await t.get('/me/wallets', { as: ann })).json.data).toEqual([linked])
  const bob = await t.join('bob')
  expect((await t.get('/me/wallets', { as: bob })).json.data).toEqual([])
  expect((await t.get(`/people/${ann}/wallets`, { as: 'support' })).json.data).toEqual([linked])
  expect((await t.get(`/people/${ann}/wallets`, { as: bob })).status).toBe(403)
  expect((await t.post('/me/wallets/solana/unlink', undefined, { as: ann })).json).toEqual(linked)
  expect((await t.post('/me/wallets/solana/unlink', undefined, { as: ann })).json.code).toBe('wallet_not_found')
  const events = await listEvents(t.db, { limit: 2, subject: `person:${ann}` })
  expect(events.map(({ action }) => action)).toEqual(['wallet.unlink', 'wallet.link'])
})

test('a message is good once, whoever is faster', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const message = await challenge(t, ann)
  const both = await Promise.all([link(t, ann, signed(message)), link(t, ann, signed(message))])
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409])
  await t.post('/me/wallets/solana/unlink', undefined, { as: ann })
  expect((await link(t, ann, signed(message))).json.code).toBe('wallet_nonce_unknown')
})

test('a message is good for whom it was made, and for five minutes', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const [ann, bob] = [await t.join('ann'), await t.join('bob')]
  const message = await challenge(t, ann)
  expect((await link(t, bob, signed(message))).json.code).toBe('wallet_nonce_unknown')
  const forged = message.replace(/Nonce: .*/, 'Nonce: 0123456789abcdef')
  expect((await link(t, ann, signed(forged))).json.code).toBe('wallet_nonce_unknown')
  const longer = message.replace(/Expiration Time: .*/, `Expiration Time: ${later(3_600_000).toISOString()}`)
  t.clock.set(later(300_000))
  expect((await link(t, ann, signed(longer))).json.code).toBe('wallet_nonce_unknown')
  expect((await link(t, ann, signed(message))).json.code).toBe('wallet_message_expired')
  await transaction(t.db, async (tx) => await sweepNonces(tx, { now: t.clock.now() }))
  expect(await t.db.selectFrom('identity.wallet_nonce').selectAll().execute()).toEqual([])
})

test('a wallet has one person, and a person one wallet of a chain', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const [ann, bob] = [await t.join('ann'), await t.join('bob')]
  await link(t, ann, signed(await challenge(t, ann)))
  expect((await link(t, bob, signed(await challenge(t, bob)))).json.code).toBe('wallet_of_another')
  await t.db
    .insertInto('identity.wallet')
    .values({ person: bob, chain: 'solana', address: 'another', created_at: TEST_START })
    .execute()
  await t.post('/me/wallets/solana/unlink', undefined, { as: ann })
  expect((await link(t, bob, signed(await challenge(t, bob)))).json.code).toBe('wallet_linked')
})

test('a signature by somebody else, and an address that is none, are refused', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const { message } = signed(await challenge(t, ann))
  const { signature } = signed('something else')
  expect((await link(t, ann, { message, signature })).json.code).toBe('wallet_signature_invalid')
  for (const [chain, address] of [
    ['evm', ADDRESS],
    ['solana', '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826'],
    ['solana', 'abc'],
  ]) {
    const answer = await t.post('/me/wallets/challenges', { chain, address }, { as: ann })
    expect(answer.json.code).toBe('wallet_address_invalid')
  }
})
