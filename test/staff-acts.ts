import { Readable } from 'node:stream'

import { importContributions } from '../src/contributions/contributions.ts'
import { must } from '../src/core/assert.ts'
import { testWallet } from './wallets.ts'
import { lineOf } from './wiki-lines.ts'
import type { World } from './world.ts'

/**
 * One request that works for every route that changes something, in an order in which all of them do: what the later
 * ones need, the earlier ones have made, or `given` makes it first.
 */
export const ACTS: readonly Act[] = [
  // The books.
  act('owner', 'post /ledger/assets', { body: { code: 'GEM', name: 'Gem', scale: 0, max_supply: '1000' } }),
  act('finance', 'post /ledger/accounts', { body: { path: 'users:eve:available', asset: 'KONTRIB' } }),
  act('finance', 'post /ledger/accounts/:path/limits', { params: EVE(), body: { asset: 'KONTRIB', ceiling: '500' } }),
  act('moderator', 'post /ledger/accounts/:path/freeze', { params: EVE(), body: { asset: 'KONTRIB' } }),
  act('moderator', 'post /ledger/accounts/:path/unfreeze', { params: EVE(), body: { asset: 'KONTRIB' } }),
  act('finance', 'post /ledger/accounts/:path/close', { params: EVE(), body: { asset: 'KONTRIB' } }),
  act('finance', 'post /ledger/entries', { body: { entries: [transfer('7')] }, leaves: 'entry' }),
  act('finance', 'post /ledger/entries/:id/reverse', { given: lastEntry, body: {}, leaves: 'entry' }),
  act('owner', 'post /ledger/entries/:id/redact', { given: lastEntry, body: { reason: 'Asked to be forgotten' } }),
  act('finance', 'post /ledger/holds', { body: { account: 'treasury:main', asset: 'KONTRIB', amount: '9' } }),
  act('finance', 'post /ledger/holds/:id/capture', {
    given: lastHold,
    body: { postings: [{ to: 'world:bank', amount: '3' }] },
    leaves: 'entry',
  }),
  act('finance', 'post /ledger/holds/:id/void', { given: newHold, body: {} }),
  act('owner', 'post /ledger/issuances', {
    given: async (w) => {
      await w.ask('owner', 'POST', '/ledger/accounts', { path: 'treasury:main', asset: 'GEM' })
      return { body: { asset: 'GEM', to: 'treasury:main', amount: '10', reason: 'First gems' } }
    },
  }),
  act('approver', 'post /ledger/issuances/:id/approve', { given: lastOf('/ledger/issuances'), body: {} }),

  // Contributions.
  act('operator', 'post /contributions', { body: { type: 'creation', article: 'common/tar', people: ['ann'] } }),
  act('moderator', 'post /contributions/:id/reviews', {
    given: lastOf('/contributions'),
    body: { score: '2', staff: true },
  }),
  act('moderator', 'post /articles/:id/demand', { given: lastOf('/articles'), body: { demand: '1.5' } }),
  act('moderator', 'post /articles/:id/flags', { given: lastOf('/articles'), body: { featured: true } }),
  act('operator', 'post /articles/views', {
    body: { views: [{ article: 'common/tar', date: '2026-01-05', views: 12 }] },
  }),
  act('finance', 'post /distributions/fund', { body: { amount: '100' } }),
  act('finance', 'post /distributions/run', {
    given: async (w) => {
      w.clock.set(new Date('2026-01-12T00:00:01.000Z'))
      return {}
    },
    body: {},
  }),

  act('operator', 'post /imports/:id/rollback', {
    given: async (w) => {
      const from = { name: 'history.jsonl', stream: Readable.from([`${lineOf({})}\n`], { objectMode: false }) }
      await importContributions(w.db, { from, onError: 'stop', actor: 'cli:test', clock: w.clock })
      return { ...(await lastOf('/imports')(w)), body: {} }
    },
    body: {},
  }),

  // Stakes, proposals, parameters.
  act('finance', 'post /staking/pools/:code/fund', { params: { code: 'term' }, body: { amount: '50' } }),
  act('ann', 'post /me/stakes', { body: { pool: 'term', amount: '2000', duration_days: 30 }, leaves: 'entry' }),
  act('ann', 'post /me/stakes/:id/unstake', { given: lastOf('/me/stakes', 'ann') }),
  act('ann', 'post /proposals', { body: PROPOSAL() }),
  act('ann', 'post /proposals/:id/submit', { given: lastOf('/proposals', 'ann') }),
  act('operator', 'post /proposals/:id/cancel', { given: lastOf('/proposals'), body: { reason: 'Said twice' } }),
  act('operator', 'post /parameters/:name', {
    params: { name: 'weekly_token_pool' },
    body: { value: '12000' },
  }),

  // People.
  act('owner', 'post /keys', { body: { name: 'importer', role: 'operator' } }),
  act('owner', 'post /keys/:id/revoke', { given: lastOf('/keys') }),
  act('ann', 'post /me/keys', { body: { name: 'my script', scopes: ['read'] } }),
  act('ann', 'post /me/keys/:id/revoke', { given: lastOf('/me/keys', 'ann') }),
  act('owner', 'post /people/:id/roles', { given: person('ben'), body: { role: 'support' } }),
  act('owner', 'post /people/:id/roles', { given: person('ben'), body: { role: null } }),
  act('owner', 'post /people/invitations', { body: { role: 'moderator', note: 'For Ben' } }),
  act('owner', 'post /people/invitations/:id/revoke', { given: lastOf('/people/invitations') }),
  act('ben', 'post /me/invitations/accept', {
    given: async (w) => ({
      body: { code: (await w.made('owner', 'POST', '/people/invitations', { role: 'support', note: 'Ben' }))['code'] },
    }),
  }),
  act('operator', 'post /people/:id/claim-codes', { given: imported }),
  act('cyd', 'post /me/claims', {
    given: async (w) => {
      await w.join('cyd')
      const { params } = await imported(w)
      return { body: { code: (await w.made('owner', 'POST', `/people/${params.id}/claim-codes`))['code'] } }
    },
  }),
  act('support', 'post /people/:id/impersonations', { given: person('ann'), body: { reason: 'A lost reward' } }),
  act('support', 'post /people/impersonations/:id/end', {
    given: async (w) => {
      const made = await w.made('support', 'POST', `/people/${w.person('ann')}/impersonations`, { reason: 'Again' })
      return { params: { id: made['id'] ?? '' } }
    },
  }),
  act('ann', 'post /me/wallets', {
    given: async (w) => {
      const { chain, address, sign } = testWallet('evm')
      const { message } = await w.made('ann', 'POST', '/me/wallets/challenges', { chain, address })
      return { body: { message, signature: sign(String(message)) } }
    },
  }),
  act('ann', 'post /me/wallets/:chain/unlink', { params: { chain: 'evm' } }),
  act('ann', 'post /me/transfers', { body: { to: 'ben', asset: 'KONTRIB', amount: '5' }, leaves: 'entry' }),

  // Webhooks.
  act('operator', 'post /webhooks', { body: { url: 'http://127.0.0.1:9/hook', types: ['*'] } }),
  act('operator', 'post /webhooks/:id/disable', { given: lastOf('/webhooks'), body: { reason: 'Moved' } }),
  act('operator', 'post /webhooks/:id/enable', { given: lastOf('/webhooks') }),
  act('operator', 'post /webhooks/:id/rotate-secret', { given: lastOf('/webhooks') }),
  act('operator', 'post /webhooks/:id/replay', { given: lastOf('/webhooks'), body: { since: '2026-01-05T00:00:00Z' } }),
  act('operator', 'post /webhooks/:id/deliveries/:position/replay', {
    given: async (w) => {
      await w.seal()
      const { params } = await lastOf('/webhooks')(w)
      return { params: { ...params, position: '0' } }
    },
  }),
  act('operator', 'post /webhooks/:id/delete', { given: lastOf('/webhooks') }),

  // Sessions.
  act('ann', 'delete /me/sessions/:id', { given: otherSession }),
  act('ann', 'delete /me/sessions', { given: otherSession }),

  // Last, since nothing may then be recorded before it.
  act('finance', 'post /ledger/closing', { body: { before: '2026-01-06T00:00:00Z' } }),
]

/** What a request is made of, and what it has to leave behind. */
export interface Act {
  as: string
  route: string
  method: 'GET' | 'POST' | 'DELETE'
  leaves: 'event' | 'entry'
  ask: (w: World) => Promise<{ path: string; body?: object }>
}

interface Asked {
  params?: Record<string, string>
  body?: object
}

interface Spec extends Asked {
  given?: (w: World) => Promise<Asked>
  leaves?: Act['leaves']
}

function act(as: string, route: string, { given, leaves = 'event', ...spec }: Spec): Act {
  const [method = '', path = ''] = route.split(' ')
  const ask = async (w: World) => {
    const { params, body } = { ...spec, ...(await given?.(w)) }
    const filled = path.replaceAll(/:([a-z_]+)/g, (_, name) => must(params?.[name], `${route} has a ${name}`))
    return { path: filled, ...(body && { body }) }
  }
  return { as, route, method: method.toUpperCase() as Act['method'], leaves, ask }
}

function EVE() {
  return { path: 'users:eve:available' }
}

function transfer(amount: string) {
  return {
    kind: 'transfer',
    metadata: { why: 'A test' },
    postings: [{ from: 'treasury:main', to: 'world:bank', asset: 'KONTRIB', amount }],
  }
}

function PROPOSAL() {
  return { proposal_type: 'feature_request', title: 'A dark theme', description: 'For the night.' }
}

/** The first of a list, as whoever may read it sees it. */
function lastOf(list: string, who = 'owner') {
  return async (w: World) => {
    const { data } = (await w.made(who, 'GET', list)) as unknown as { data: { id: string }[] }
    return { params: { id: must(data[0], `${list} has something`).id } }
  }
}

async function lastEntry(w: World) {
  return await lastOf('/ledger/entries?kind=transfer')(w)
}

async function lastHold(w: World) {
  return await lastOf('/ledger/holds?status=pending')(w)
}

async function newHold(w: World) {
  await w.made('owner', 'POST', '/ledger/holds', { account: 'treasury:main', asset: 'KONTRIB', amount: '4' })
  return await lastHold(w)
}

function person(username: string) {
  return async (w: World) => ({ params: { id: w.person(username) } })
}

/** Somebody who came in with a contribution, and as whom nobody signs in. */
async function imported(w: World) {
  const body = { type: 'creation', article: 'common/ls', people: ['imported'] }
  await w.ask('operator', 'POST', '/contributions', body)
  return await lastOf('/people?name=imported')(w)
}

async function otherSession(w: World) {
  await w.signInAgain('ann')
  const { data } = (await w.made('ann', 'GET', '/me/sessions')) as unknown as {
    data: { id: string; current: boolean }[]
  }
  return {
    params: {
      id: must(
        data.find(({ current }) => !current),
        'There is another session',
      ).id,
    },
  }
}
