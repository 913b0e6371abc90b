import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type PageName, PATTERNS } from '../src/paths.ts'
import { goTo, signInByKey, signUp, START_MS, startedFlorin, type StartedFlorin } from './started-florin.ts'

let florin: StartedFlorin

beforeAll(async () => {
  florin = await startedFlorin()
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

/** Every page of the navigation for staff, and what is behind the first link of its list. */
const STAFF_PAGES = [
  { name: 'Overview' },
  { name: 'Distributions', first: 'distribution' },
  { name: 'Staking' },
  { name: 'Contributions', first: 'contribution' },
  { name: 'Contributors', first: 'contributor' },
  { name: 'Proposals' },
  { name: 'Leaderboard' },
  { name: 'Articles', first: 'article' },
  { name: 'Review queue' },
  { name: 'Accounts', first: 'account' },
  { name: 'Entries', first: 'entry' },
  { name: 'Holds' },
  { name: 'Assets' },
  { name: 'Issuances' },
  { name: 'Trial balance' },
  { name: 'Closing' },
  { name: 'Blocks', first: 'block' },
  { name: 'People', first: 'person' },
  { name: 'Parameters', first: 'parameter' },
  { name: 'Imports', first: 'import' },
  { name: 'Webhooks' },
  { name: 'Jobs' },
  { name: 'API keys' },
  { name: 'Audit', first: 'audit-event' },
  { name: 'Outbox' },
] as const

const MEMBER_PAGES = [
  'My account',
  'My contributions',
  'My stakes',
  'Review queue',
  'Wallets',
  'My keys',
  'Codes from staff',
  'Security',
  'Proposals',
  'Leaderboard',
] as const

const LOOKS = [
  { width: 1440, theme: 'light' as const },
  { width: 390, theme: 'dark' as const },
]

/** Pages of what the demonstration has none of: the tests of a flow make some, and look at them. */
const LOOKED_AT_IN: Partial<Record<PageName, string>> = {
  proposal: 'governance.test.ts',
  weekBoard: 'own-tokens.test.ts',
  myWeek: 'own-tokens.test.ts',
  myStake: 'own-tokens.test.ts',
  webhook: 'operations.test.ts',
  delivery: 'operations.test.ts',
}

const walked = new Set<PageName>()

/** By its address, of which the fixed ones go before those that hold a name. */
function noteWalked(url: string): void {
  const path = new URL(url).pathname.replace('/console/kontrib', '')
  const fits = Object.entries(PATTERNS)
    .filter(([, pattern]) => new RegExp(`^${pattern.replaceAll(/\$\w+/g, '[^/]+')}$`).test(path))
    .toSorted(([, a], [, b]) => a.split('$').length - b.split('$').length)
  const [found] = fits
  if (found) walked.add(found[0] as PageName)
}

describe('every page', () => {
  test.each(LOOKS)(
    'of staff works at $width px in the $theme theme, and may be read by everybody',
    async ({ width, theme }) => {
      await using watched = await florin.watch({ width, theme })
      const { page, complaints, look } = watched
      await page.goto('/')
      await look('economies')
      await page.goto('/console/kontrib/sign-in')
      await look('sign-in')
      await signInByKey(watched, florin.key)
      // Before anybody is signed in, one question is answered with 401: who is there?
      complaints.length = 0
      for (const { name, ...more } of STAFF_PAGES) {
        await goTo(watched, name)
        await look(name.toLowerCase().replaceAll(' ', '-'))
        noteWalked(page.url())
        if (!('first' in more)) continue
        await page.locator('main table tbody a').first().click()
        await page.getByRole('heading', { name, level: 1, exact: true }).waitFor({ state: 'detached' })
        await look(more.first)
        noteWalked(page.url())
      }
      for (const [place, picture] of [
        ['distributions/due', 'due'],
        ['people/invitations', 'invitations'],
        ['webhooks/new', 'webhook-new'],
        ['entries/new', 'entry-new'],
        ['closing/2016-01-01T00:00:00Z', 'closing-report'],
      ] as const) {
        await page.goto(`/console/kontrib/${place}`)
        await look(picture)
        noteWalked(page.url())
      }
      expect(complaints).toEqual([])
    },
    300_000,
  )

  test.each(LOOKS)(
    'of a member works at $width px in the $theme theme',
    async ({ width, theme }) => {
      await using watched = await florin.watch({ width, theme })
      const { page, complaints, look } = watched
      await page.goto('/console/kontrib/sign-up')
      await look('sign-up')
      await signUp(watched, florin, `ada${width}`)
      complaints.length = 0
      for (const name of MEMBER_PAGES) {
        await goTo(watched, name)
        await look(name.toLowerCase().replaceAll(' ', '-'))
        noteWalked(page.url())
      }
      await page.goto('/console/kontrib/proposals/new')
      await look('proposal-new')
      noteWalked(page.url())
      expect(complaints).toEqual([])
    },
    240_000,
  )

  test('is walked to, or looked at where there is something on it', () => {
    const left = Object.keys(PATTERNS).filter((name) => !walked.has(name as PageName))
    expect(left.toSorted()).toEqual(Object.keys(LOOKED_AT_IN).toSorted())
  })
})
