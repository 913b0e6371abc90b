// Each route that a member may ask for, with what is another member's: what ann has is neither shown to ben nor moved by
// him. Which routes the other roles may ask for at all is held by test/api-walk.test.ts.
import { randomUUID } from 'node:crypto'

import { expect, test } from 'vitest'

import { ACTIONS } from '../src/api/authorize.ts'
import { ROUTES } from '../src/server.ts'
import { type Things, thingsOfAnn } from './member-things.ts'
import { testWorld, type World } from './world.ts'

/** Where ben names something of ann's: what he asks for, and what he is answered. */
const FOREIGN: Readonly<Record<string, (its: Things, w: World) => Foreign | Foreign[]>> = {
  'get /me/stakes/:id': ({ stake }) => ({ names: stake, code: 'stake_not_found' }),
  'post /me/stakes/:id/unstake': ({ stake }) => ({ names: stake, code: 'stake_not_found' }),
  'post /me/keys/:id/revoke': ({ key }) => ({ names: key, code: 'key_not_found' }),
  'get /me/entries/:id/proof': ({ entry, transfer }) => [
    { names: entry, query: '?posting=0', code: 'posting_not_found' },
    { names: transfer, query: '?posting=1', code: 'posting_not_found' },
  ],
  'delete /me/sessions/:id': ({ session }) => ({ names: session, code: 'session_not_found' }),
  'post /proposals/:id/submit': ({ proposal }) => ({ names: proposal, code: 'not_the_proposer' }),
  'post /proposals/:id/cancel': ({ proposal }) => ({
    names: proposal,
    body: { reason: 'Not mine' },
    code: 'not_the_proposer',
  }),
  'post /me/wallets': ({ signed }) => ({ body: signed, code: 'wallet_nonce_unknown' }),
  'post /me/wallets/:chain/unlink': () => ({ names: 'evm', code: 'wallet_not_found' }),
  'post /me/invitations/accept': ({ used }) => ({ body: { code: used }, code: 'invitation_used' }),
  'post /me/claims': () => ({ body: { code: randomUUID() }, code: 'claim_not_found' }),
  'post /contributions/:id/reviews': ({ contribution }) => [
    { names: contribution, body: { reviewer: 'ann', score: '2' }, code: 'review_not_own' },
    { names: contribution, body: { staff: true, score: '2' }, code: 'review_not_own' },
  ],
}

/** What is about whoever asks, and names nothing: ben’s answer knows nothing of ann. */
const OWN = [
  'get /me',
  'get /me/account',
  'get /me/contributions',
  'get /me/keys',
  'get /me/multiplier',
  'get /me/power',
  'get /me/rank',
  'get /me/rewards',
  'get /me/sessions',
  'get /me/stakes',
  'get /me/statement',
  'get /me/statements/:year',
  'get /me/summary',
  'get /me/votes',
  'get /me/wallets',
  'get /permissions',
  'get /events',
]

/** What members see of one another, or of nobody in particular; none of it is in anybody’s account, session or key. */
const SHARED: Readonly<Record<string, string>> = {
  'get /contributions': 'who contributed what is the wiki’s own history',
  'get /contributions/:id': 'as above',
  'get /contributions/review-queue': 'what waits for a review',
  'get /contributions/:id/reviews': 'reviews are signed',
  'get /articles': 'the wiki’s articles',
  'get /articles/:id': 'as above',
  'get /contributors': 'the leaderboard',
  'get /contributors/:username': 'as above',
  'get /contributors/:username/contributions': 'as above',
  'get /contributors/:username/rewards': 'what a week paid to whom is decided in the open',
  'get /distributions': 'as above',
  'get /distributions/:id': 'as above',
  'get /distributions/:id/rewards': 'as above',
  'get /dashboard': 'sums over everybody',
  'get /staking/pools': 'what is offered to everybody',
  'get /proposals': 'what is put before everybody',
  'get /proposals/:id': 'as above',
  'get /proposals/:id/votes': 'votes are by name',
  'get /parameters': 'the rules',
  'get /parameters/:name': 'as above',
  'get /parameters/:name/history': 'as above',
}

/** What members make for themselves: the person is the one who asks, and no field of it says otherwise. */
const MADE = [
  'post /me/keys',
  'post /me/stakes',
  'post /me/transfers',
  'post /me/wallets/challenges',
  'post /proposals',
  'post /proposals/:id/votes',
  'delete /me/sessions',
]

const open = ROUTES.filter(({ may }) => may !== 'public' && ACTIONS[may]?.includes('member'))
const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`
const isQuestion = ({ method, idempotency }: (typeof ROUTES)[number]) => method !== 'get' && idempotency === 'none'

test('every route that members may ask for says here whose things it is about', () => {
  const said = [...Object.keys(FOREIGN), ...OWN, ...Object.keys(SHARED), ...MADE]
  const asked = open.filter((route) => !isQuestion(route)).map(nameOf)
  expect(said.toSorted()).toEqual(asked.toSorted())
})

test('what is ann’s is to ben as if it were not there, and nothing of it moves', async () => {
  await using w = await testWorld()
  const its = await thingsOfAnn(w)
  const before = await w.everything()
  for (const [route, foreign] of Object.entries(FOREIGN)) {
    for (const each of [foreign(its, w)].flat()) {
      const answer = await askAs(w, 'ben', route, each)
      expect.soft(answer.json, route).toMatchObject({ code: each.code })
      expect.soft([403, 404, 409, 422], `${route}: ${answer.status}`).toContain(answer.status)
      for (const mark of its.marks.filter((text) => text !== each.names)) {
        expect.soft(answer.text, `${route} tells of ${mark}`).not.toContain(mark)
      }
    }
  }
  expect(await w.everything()).toEqual(before)
  expect((await w.ask('ann', 'GET', '/me/sessions')).text).toContain(its.session)
})

test('what ben is shown of himself and of everybody has nothing of ann’s own in it', async () => {
  await using w = await testWorld()
  const its = await thingsOfAnn(w)
  const params: Record<string, string> = {
    id: its.contribution,
    username: 'ann',
    name: 'weekly_pool',
    year: '2026',
  }
  const queries: Record<string, string> = {
    'get /me/statement': '?asset=KONTRIB',
    'get /me/multiplier': '?amount=100&tier_multiplier=1.5',
  }
  for (const route of [...OWN, ...Object.keys(SHARED)].filter((name) => name !== 'get /events')) {
    const path = route.replace('get ', '').replaceAll(/:([a-z_]+)/g, (_, name) => params[name] ?? '')
    const { text, status } = await w.ask('ben', 'GET', path + (queries[route] ?? ''))
    expect.soft([200, 404], `${route}: ${text}`).toContain(status)
    for (const mark of its.marks) expect.soft(text, `${route} tells of ${mark}`).not.toContain(mark)
  }
})

test('what ben follows as it happens is his own: what ann sent him, and not what she did for herself', async () => {
  await using w = await testWorld()
  const its = await thingsOfAnn(w)
  const url = await w.listen()
  const stop = new AbortController()
  const answer = await fetch(`${url}/v1/test/events?after=0`, {
    headers: { cookie: w.cookieOf('ben'), 'sec-fetch-site': 'same-origin' },
    signal: stop.signal,
  })
  expect(answer.status).toBe(200)
  let told = ''
  for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
    told += piece
    if (told.includes(its.transfer)) break
  }
  stop.abort()
  for (const mark of its.marks) expect.soft(told, `The stream tells of ${mark}`).not.toContain(mark)
})

test('what is for staff is closed to ben, whatever of ann’s he names', async () => {
  await using w = await testWorld()
  const its = await thingsOfAnn(w)
  const before = await w.everything()
  const params: Record<string, string> = {
    id: w.person('ann'),
    path: its.wallet,
    username: 'ann',
    year: '2026',
    position: '1',
  }
  for (const { method, path, may } of ROUTES.filter((route) => route.may !== 'public' && !open.includes(route))) {
    const filled = path.replaceAll(/:([a-z_]+)/g, (_, name) => params[name] ?? 'evm')
    const { json, text } = await w.ask('ben', method.toUpperCase() as 'GET', filled, method === 'get' ? undefined : {})
    expect.soft(json, `${method} ${path}, ${may}`).toMatchObject({ status: 403, code: 'action_not_allowed' })
    for (const mark of its.marks) expect.soft(text).not.toContain(mark)
  }
  expect(await w.everything()).toEqual(before)
})

interface Foreign {
  /** What stands in the path. */
  names?: string
  query?: string
  body?: object
  code: string
}

async function askAs(w: World, who: string, route: string, { names = '', query = '', body }: Foreign) {
  const [method = '', path = ''] = route.split(' ')
  const filled = path.replaceAll(/:[a-z_]+/g, names) + query
  return await w.ask(who, method.toUpperCase() as 'GET', filled, body)
}
