import { must } from '../src/core/assert.ts'
import { testWallet } from './wallets.ts'
import type { World } from './world.ts'

/** What `ann` has of everything that can be somebody's own, and what gives it away wherever it shows. */
export async function thingsOfAnn(w: World): Promise<Things> {
  const first = async (path: string, who = 'ann') => {
    const { data } = (await w.made(who, 'GET', path)) as unknown as { data: { id: string }[] }
    return must(data[0], `${path} has something`).id
  }
  const code = async (path: string, body?: object) => String((await w.made('owner', 'POST', path, body))['code'])
  await w.made('ann', 'POST', '/me/stakes', { pool: 'term', amount: '2000', duration_days: 30 })
  await w.made('ann', 'POST', '/me/keys', { name: 'the key of ann', scopes: ['read'] })
  const draft = { proposal_type: 'feature_request', title: 'A draft of ann', description: 'Not for others yet.' }
  const proposal = String((await w.made('ann', 'POST', '/proposals', draft))['id'])
  const sent = { to: 'ben', asset: 'KONTRIB', amount: '3', note: 'between ann and ben' }
  const transfer = String((await w.made('ann', 'POST', '/me/transfers', sent))['id'])
  const { address, sign } = testWallet('evm')
  const { message } = await w.made('ann', 'POST', '/me/wallets/challenges', { chain: 'evm', address })
  const signed = { message: String(message), signature: sign(String(message)) }
  await w.made('ann', 'POST', '/me/wallets', signed)
  await w.made('operator', 'POST', '/contributions', { type: 'creation', article: 'common/tar', people: ['cal'] })
  const [contribution, claimed] = [await first('/contributions'), await first('/people?name=cal', 'owner')]
  await w.seal()
  const stake = await first('/me/stakes')
  const locked = (await w.made('owner', 'GET', '/ledger/entries?kind=stake')) as unknown as { data: { id: string }[] }
  const [key, session] = [await first('/me/keys'), await first('/me/sessions')]
  const used = await code('/people/invitations', { role: 'support', note: 'For ann' })
  await w.made('ann', 'POST', '/me/invitations/accept', { code: used })
  await w.made('owner', 'POST', `/people/${w.person('ann')}/roles`, { role: null })
  return {
    stake,
    key,
    session,
    proposal,
    contribution,
    entry: must(locked.data[0], 'The stake was locked').id,
    transfer,
    signed,
    used,
    claimed,
    wallet: `users:${w.person('ann')}:available`,
    marks: [stake, key, session, must(locked.data[0], 'It is there').id, address, 'the key of ann', 'ann@wiki.example'],
  }
}

export interface Things {
  stake: string
  key: string
  session: string
  proposal: string
  contribution: string
  /** Of her stake, which is nobody's business; of what she sent to ben, which is his, too. */
  entry: string
  transfer: string
  /** What her wallet has signed. */
  signed: { message: string; signature: string }
  /** The code of an invitation that she has accepted. */
  used: string
  /** Somebody imported. */
  claimed: string
  wallet: string
  marks: string[]
}
