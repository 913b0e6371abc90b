// What the whole is for, in two browsers: examples/journey/journey.ts with hands and eyes.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type OwnFlorin, ownFlorin } from '../../examples/journey/own-florin.ts'
import { createClient, unwrap } from '../../sdk/src/sdk.ts'
import { openBrowser } from './browser.ts'
import { builtConsole } from './demonstration.ts'
import { goTo, outboxLink, signInByKey, signUp, START_MS, type StartedFlorin } from './started-florin.ts'
import { watchedPage, type WatchedPage } from './watched-page.ts'

let florin: StartedFlorin & Pick<OwnFlorin, 'moveTo' | 'verify'>

beforeAll(async () => {
  await builtConsole()
  const [own, browser] = await Promise.all([ownFlorin({ start: START, note: () => undefined }), openBrowser()])
  const { url: address, key } = own
  florin = {
    ...own,
    address,
    browser,
    watch: async (look) => await watchedPage(browser, { ...look, address }),
    linkMailedTo: async (to) => await outboxLink({ address, key }, to),
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      await own[Symbol.asyncDispose]()
    },
  }
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

/** A Sunday evening: a stake counts for the weeks that it was there from beginning to end. */
const START = new Date('2017-04-23T18:00:00Z')
/** Who earned most in the wiki of the demonstration. */
const IMPORTED = 'w3e8f20667501'

test('a new member claims, proves, stakes and votes: she is paid more for it, and weeks pay another pool', async () => {
  await using member = await florin.watch({ width: 390, theme: 'dark' })
  await using staff = await florin.watch({ width: 1440, theme: 'light' })
  await signUp(member, florin, 'ada')
  await signInByKey(staff, florin.key)
  // Before anybody is signed in, one question is answered with 401: who is there?
  member.complaints.length = 0
  staff.complaints.length = 0
  await claim(member, await claimCode(staff))

  await goTo(member, 'My contributions')
  await rewards(member).getByText('5,483.870967742').waitFor()
  await rewards(member).getByRole('button', { name: 'Verify' }).first().click()
  await member.page.getByText('Verified in this browser').waitFor()
  await member.look('journey-proof')
  await member.page.getByRole('button', { name: 'Close', exact: true }).click()
  await stake(member, '2741.935483871')

  florin.moveTo(new Date('2017-04-26'))
  await work()
  florin.moveTo(new Date('2017-05-01'))
  await payNextWeek(staff)
  await payNextWeek(staff)
  await goTo(member, 'My contributions')
  // 50 points × 1.3 beside twice 50: 65 of 165.
  await rewards(member).getByText('3,939.393939394').waitFor()
  await rewards(member).getByText('× 1.3 = 65').filter({ visible: true }).waitFor()
  await member.look('journey-paid')

  await propose(member, '15000')
  florin.moveTo(new Date('2017-05-02'))
  await vote(member)
  await work()
  florin.moveTo(new Date('2017-05-09'))
  await member.page.getByText('Passed', { exact: true }).first().waitFor()
  await work()
  florin.moveTo(new Date('2017-05-11'))
  await member.page.getByText('What it did').waitFor()
  await member.look('journey-executed')

  florin.moveTo(new Date('2017-05-15'))
  await payNextWeek(staff)
  await payNextWeek(staff)
  await goTo(staff, 'Distributions')
  const paid = staff.page.getByRole('region', { name: 'Distributions' }).getByRole('row')
  await paid.filter({ hasText: '15,000 KONTRIB' }).first().waitFor()
  await paid.filter({ hasText: '10,000 KONTRIB' }).first().waitFor()
  await staff.look('journey-distributions')
  await goTo(member, 'My contributions')
  await rewards(member).getByText('5,909.090909091').waitFor()

  expect(member.complaints).toEqual([])
  expect(staff.complaints).toEqual([])
  expect(await florin.verify()).toContain('kontrib holds')
}, 300_000)

async function claimCode({ page, ...staff }: WatchedPage): Promise<string> {
  await goTo({ page, ...staff }, 'People')
  await page.getByLabel('Name begins with').fill(IMPORTED)
  await page.getByLabel('Name begins with').press('Enter')
  await page.getByRole('link', { name: IMPORTED }).click()
  await page.getByRole('button', { name: 'Make a claim code' }).click()
  const shown = page.getByRole('status').filter({ hasText: 'it is not shown again' }).locator('code')
  return (await shown.textContent()) ?? ''
}

async function claim(member: WatchedPage, code: string): Promise<void> {
  await goTo(member, 'Codes from staff')
  await member.page.getByLabel('Claim code').fill(code)
  await member.page.getByRole('button', { name: 'Claim' }).click()
  await member.page.getByText(`You are ${IMPORTED} now`).waitFor()
}

async function stake(member: WatchedPage, amount: string): Promise<void> {
  const { page } = member
  await goTo(member, 'My stakes')
  await page.getByLabel('Term').selectOption('90')
  await page.getByLabel('Amount in KONTRIB').fill(amount)
  await page.getByText('81.131241714').first().waitFor()
  await page.getByText('× 1.3 in every whole week').waitFor()
  await member.look('journey-stake')
  await page.getByRole('button', { name: 'Stake it' }).click()
  await page.getByText('It is staked.').waitFor()
}

/** The operator looks at what is due, and pays it. */
async function payNextWeek({ page }: WatchedPage): Promise<void> {
  await page.goto('/console/kontrib/distributions/due')
  await page.getByRole('button', { name: 'Pay this week' }).click()
  await page.getByText('1 week paid').waitFor()
}

async function propose(member: WatchedPage, value: string): Promise<void> {
  const { page } = member
  await goTo(member, 'Proposals')
  await page.getByRole('link', { name: 'New proposal' }).click()
  await page.getByLabel('Title').fill('Raise the weekly pool')
  await page.getByLabel('Why').fill('To bring more people to write.')
  await page.getByLabel('Parameter', { exact: true }).selectOption({ label: 'Weekly pool' })
  await page.getByLabel('New value').fill(value)
  await page.getByRole('button', { name: 'Write the draft' }).click()
  await page.getByRole('heading', { name: 'Raise the weekly pool', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Submit', exact: true }).click()
  await page.getByRole('button', { name: 'Submit it' }).click()
  await page.getByText('Submitted', { exact: true }).first().waitFor()
}

/** The page stays open, and shows by itself what the clock brings. */
async function vote(member: WatchedPage): Promise<void> {
  const { page } = member
  await page.getByRole('radio', { name: 'For' }).check()
  await page.getByRole('button', { name: 'Vote', exact: true }).click()
  await page.getByText('You voted').waitFor()
  await page.getByText('It would pass if voting ended now.').waitFor()
  await member.look('journey-voted')
}

/** The wiki's own server tells what people did; nobody types it in. */
async function work(): Promise<void> {
  const api = createClient({ url: florin.address, economy: 'kontrib', key: florin.key })
  const { data } = unwrap(await api.GET('/contributors', { params: { query: { limit: 3 } } }))
  for (const { username } of data) {
    unwrap(
      await api.POST('/contributions', { body: { type: 'major_edit', article: 'common/ledger', people: [username] } }),
    )
  }
}

function rewards({ page }: { page: Page }) {
  return page.getByRole('region', { name: 'My rewards' })
}
