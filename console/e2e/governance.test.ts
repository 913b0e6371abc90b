import { afterAll, beforeAll, expect, test } from 'vitest'

import { type MovableFlorin, movableFlorin } from './movable-florin.ts'
import { goTo, signInByKey, signUp, START_MS } from './started-florin.ts'
import type { WatchedPage } from './watched-page.ts'

let florin: MovableFlorin

beforeAll(async () => {
  florin = await movableFlorin()
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

/** Somebody who has signed up in a browser of their own, and holds so much. */
async function member(name: string, tokens: number, look: { width: number; theme: 'light' | 'dark' } = WIDE) {
  const watched = await florin.watch(look)
  await signUp(watched, florin, name)
  await florin.pay(name, tokens)
  await watched.page.reload()
  await watched.page.getByText('Voting power now').waitFor()
  watched.complaints.length = 0
  return watched
}

const WIDE = { width: 1440, theme: 'light' as const }
const NARROW = { width: 390, theme: 'dark' as const }

async function propose({ page }: WatchedPage, title: string): Promise<void> {
  await page.goto('/console/kontrib/proposals/new')
  await page.getByLabel('Title').fill(title)
  await page.getByLabel('Why').fill('To bring more people to write.')
  await page.getByLabel('What it would do').selectOption('feature_request')
  await page.getByRole('button', { name: 'Write the draft' }).click()
  await page.getByRole('heading', { name: title, level: 1 }).waitFor()
}

async function submit({ page }: WatchedPage): Promise<void> {
  await page.getByRole('button', { name: 'Submit', exact: true }).click()
  await page.getByRole('button', { name: 'Submit it' }).click()
  await page.getByText('Submitted', { exact: true }).first().waitFor()
}

test('a parameter is proposed, voted on in two browsers that see each other’s votes, and set', async () => {
  await using ada = await member('ada', 150_000)
  await using bob = await member('bob', 60_000, NARROW)
  const { page } = ada
  await goTo(ada, 'Proposals')
  await ada.look('proposals-empty')
  await page.getByRole('link', { name: 'New proposal' }).click()
  await page.getByText('You may: a proposal takes').waitFor()
  await page.getByLabel('Title').fill('Raise the weekly pool')
  await page.getByLabel('Why').fill('To bring more people to write.\n\nIt is the same since the first week.')
  await page.getByLabel('Parameter', { exact: true }).selectOption({ label: 'Weekly pool' })
  await page.getByText('Now: 10,000 KONTRIB').waitFor()
  await page.getByLabel('New value').fill('900000000')
  await ada.look('proposal-new')
  await page.getByRole('button', { name: 'Write the draft' }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('New value').fill('15000')
  ada.complaints.length = 0
  await page.getByRole('button', { name: 'Write the draft' }).click()
  await page.getByRole('heading', { name: 'Raise the weekly pool', level: 1 }).waitFor()
  await page.getByText('15,000').waitFor()
  await ada.look('proposal-draft')
  await submit(ada)

  // The page stays open, and shows by itself what the clock brings and others do.
  florin.after(24)
  await page.getByText('Open for votes').waitFor()
  await page.getByText('150,000 KONTRIB').first().waitFor()
  await page.getByRole('radio', { name: 'For' }).check()
  await page.getByLabel('Reason').fill('More is better.')
  await page.getByRole('button', { name: 'Vote', exact: true }).click()
  await page.getByText('You voted').waitFor()
  await page.getByText('It would pass if voting ended now.').waitFor()

  await goTo(bob, 'Proposals')
  await bob.page.getByRole('link', { name: 'Raise the weekly pool' }).click()
  await bob.page.getByRole('radio', { name: 'Against' }).check()
  await bob.page.getByRole('button', { name: 'Vote', exact: true }).click()
  await bob.page.getByText('You voted').waitFor()
  await page.getByRole('region', { name: 'Votes' }).getByText('bob').waitFor()
  await bob.page.getByRole('radio', { name: 'Abstain' }).check()
  await bob.page.getByRole('button', { name: 'Change the vote' }).click()
  await bob.page.getByText('Before: Against').waitFor()
  await page.getByRole('region', { name: 'Votes' }).getByText('changed 1 ×').waitFor()
  await ada.look('proposal-open')
  await bob.look('proposal-open')

  florin.after(7 * 24)
  await page.getByText('Passed', { exact: true }).first().waitFor()
  florin.after(2 * 24)
  await page.getByText('What it did').waitFor()
  await ada.look('proposal-executed')
  expect(ada.complaints).toEqual([])
  expect(bob.complaints).toEqual([])
  const answer = await fetch(`${florin.address}/v1/kontrib/parameters/weekly_pool`, {
    headers: { authorization: `Bearer ${florin.key}` },
  })
  expect(await answer.json()).toMatchObject({ value: '15000' })
}, 180_000)

test('a payment out of the treasury says how much to whom, and who is too small may not propose', async () => {
  await using cyd = await member('cyd', 5_000)
  await using dan = await member('dan', 500)
  const { page } = cyd
  await page.goto('/console/kontrib/proposals/new')
  await page.getByLabel('Title').fill('Pay for the server')
  await page.getByLabel('Why').fill('It costs something.')
  await page.getByLabel('What it would do').selectOption('treasury_allocation')
  await page.getByText('At most 1 % of the treasury').waitFor()
  await page.getByLabel('Amount in KONTRIB').fill('19000000')
  await page.getByLabel('To whom').fill('dan')
  await page.getByRole('button', { name: 'Write the draft' }).click()
  await page.getByRole('alert').getByText('One proposal').waitFor()
  await page.getByLabel('Amount in KONTRIB').fill('1000')
  await page.getByRole('button', { name: 'Write the draft' }).click()
  await page.getByText('It pays').waitFor()
  await page.getByText('from the treasury to').waitFor()

  await dan.page.goto('/console/kontrib/proposals/new')
  await dan.page.getByText('Not yet: a proposal takes').waitFor()
  const button = dan.page.getByRole('button', { name: 'Write the draft' })
  expect(await button.getAttribute('aria-disabled')).toBe('true')
  expect(await button.getAttribute('title')).toContain('a voting power of 1,000 KONTRIB')
}, 120_000)

test('a draft is cancelled by its proposer, and what is open by staff, who say why', async () => {
  await using eve = await member('eve', 2_000)
  await propose(eve, 'A darker theme')
  await eve.page.getByRole('button', { name: 'Cancel it' }).click()
  await eve.page.getByRole('button', { name: 'Cancel the proposal' }).click()
  await eve.page.getByText('Cancelled', { exact: true }).first().waitFor()
  await propose(eve, 'A lighter theme')
  await submit(eve)
  florin.after(24)
  await eve.page.getByText('Open for votes').waitFor()
  expect(await eve.page.getByRole('button', { name: 'Cancel it' }).count()).toBe(0)

  await using staff = await florin.watch(WIDE)
  await signInByKey(staff, florin.key)
  await staff.page.goto('/console/kontrib/proposals?status=active')
  await staff.page.getByRole('link', { name: 'A lighter theme' }).click()
  await staff.page.getByRole('button', { name: 'Cancel it' }).click()
  const confirm = staff.page.getByRole('button', { name: 'Cancel the proposal' })
  expect(await confirm.getAttribute('aria-disabled')).toBe('true')
  await staff.page.getByLabel('Reason').fill('It was proposed twice.')
  await confirm.click()
  await staff.page.getByText('It was proposed twice.').waitFor()
  await eve.page.getByText('It was proposed twice.').waitFor()
}, 120_000)
