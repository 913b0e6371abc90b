import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { recordChange } from '../../src/contributions/contributions.ts'
import { transaction } from '../../src/core/db.ts'
import { setParameter } from '../../src/economy/parameters.ts'
import { findPerson } from '../../src/identity/identity.ts'
import { type MovableFlorin, movableFlorin } from './movable-florin.ts'
import { goTo, signUp, START_MS } from './started-florin.ts'

let florin: MovableFlorin

beforeAll(async () => {
  florin = await movableFlorin()
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

const WIDE = { width: 1440, theme: 'light' as const }
const NARROW = { width: 390, theme: 'dark' as const }

async function member(name: string, tokens: number, look: { width: number; theme: 'light' | 'dark' } = WIDE) {
  const watched = await florin.watch(look)
  await signUp(watched, florin, name)
  if (tokens > 0) await florin.pay(name, tokens)
  watched.complaints.length = 0
  return watched
}

/** As an owner, over the API. */
async function asOwner(path: string, body?: object): Promise<Record<string, string>> {
  const answer = await fetch(`${florin.address}/v1/kontrib${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${florin.key}`,
      'idempotency-key': randomUUID(),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  return (await answer.json()) as Record<string, string>
}

/** Somebody whose work was recorded before anybody signed in as them. */
async function contributed(username: string): Promise<string> {
  return await florin.within(async ({ db, clock }) =>
    transaction(db, async (tx) => {
      const now = clock.now()
      const work = { type: 'creation' as const, article: `common/${username}`, people: [username] }
      await recordChange(tx, { ...work, createdAt: now, actor: 'cli:test', now })
      return (await findPerson(tx, { username })).id
    }),
  )
}

test('tokens are sent to another member: what it costs and leaves is said before, and both statements tell of it', async () => {
  await using ann = await member('ann', 100)
  await using ben = await member('ben', 0)
  await ben.look('my-account-new')
  const { page } = ann
  await page.goto('/console/kontrib/me/account')
  const send = page.getByRole('button', { name: 'Send it' })
  expect(await send.getAttribute('aria-disabled')).toBe('true')
  await page.getByLabel('To').fill('ann')
  await page.getByLabel('Amount in KONTRIB').fill('25.5')
  await page.getByText('This is your own account').waitFor()
  await page.getByLabel('To').fill('nobody')
  await page.getByText('There is no such person.').waitFor()
  await page.getByLabel('To').fill('ben')
  await page.getByLabel('Amount in KONTRIB').fill('100.000000001')
  await page.getByRole('status').getByText('100').first().waitFor()
  expect(await send.getAttribute('aria-disabled')).toBe('true')
  ann.complaints.length = 0
  await page.getByLabel('Amount in KONTRIB').fill('25.5')
  await page.getByLabel('Note').fill('For the coffee')
  await page.getByText('ben gets').waitFor()
  await page.getByText('74.5 KONTRIB').waitFor()
  await ann.look('transfer')
  await send.click()
  await page.getByText('Sent: ben has').waitFor()
  await page.getByRole('region', { name: 'Statement' }).getByText('For the coffee').waitFor()
  await ann.look('my-account-full')
  await ben.page.reload()
  await ben.page.getByRole('region', { name: 'Statement' }).getByText('For the coffee').waitFor()
  expect(ann.complaints).toEqual([])
  expect(ben.complaints).toEqual([])
}, 120_000)

test('the statement of a year is a file, in each form', async () => {
  await using fay = await member('fay', 10)
  const { page } = fay
  await page.reload()
  for (const [form, start] of [
    ['PDF', '%PDF'],
    ['CSV', ''],
    ['JSON', '{'],
  ] as const) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: form, exact: true }).first().click(),
    ])
    expect(download.suggestedFilename()).toMatch(new RegExp(`^statement-kontrib-\\d{4}\\.${form.toLowerCase()}$`))
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('latin1')
    expect(text.startsWith(start)).toBe(true)
    expect(text.length).toBeGreaterThan(100)
  }
  expect(fay.complaints).toEqual([])
}, 60_000)

test('tokens are staked for what was said before, grow, and are taken back early for what was said, too', async () => {
  await florin.within(async ({ db, clock }) =>
    transaction(db, async (tx) => {
      await setParameter(tx, { name: 'early_unstake_delay_days', value: 1, actor: 'cli:test', now: clock.now() })
    }),
  )
  await using gil = await member('gil', 1_000, NARROW)
  const { page } = gil
  await goTo(gil, 'My stakes')
  await page.getByLabel('Term').selectOption('180')
  await page.getByLabel('Amount in KONTRIB').fill('2000')
  await page.getByText('You have less than that available.').first().waitFor()
  await page.getByLabel('Amount in KONTRIB').fill('50')
  // 50 × 25 % × 180 / 365 is 6.16438356164…, rounded down; half of the full 100 brings half of the multiplier.
  await page.getByText('6.164383561').first().waitFor()
  await page.getByText('56.164383561').waitFor()
  await page.getByText('× 1.3 in every whole week').waitFor()
  await gil.look('stake-offer')
  await page.getByRole('button', { name: 'Stake it' }).click()
  await page.getByText('It is staked.').waitFor()
  florin.after(24)
  await page.reload()
  await page.getByRole('region', { name: 'My stakes' }).getByRole('link', { name: '50 KONTRIB' }).click()
  await page.getByText('0.034').first().waitFor()
  await gil.look('my-stake')
  await page.getByRole('button', { name: 'End early' }).click()
  await page.getByText('You get back').waitFor()
  await gil.look('unstake')
  await page.getByRole('button', { name: 'End it early' }).click()
  await page.getByText('It was ended early and earned nothing.').waitFor()
  florin.after(24)
  await page.reload()
  await page.getByText('The rest was paid back').waitFor()
  expect(gil.complaints).toEqual([])
}, 120_000)

test('a code from staff makes a new member who they were, once, and nobody who has something of their own', async () => {
  const id = await contributed('zed')
  florin.after(7 * 24)
  await asOwner('/distributions/run', {})
  const { code = '' } = await asOwner(`/people/${id}/claim-codes`)
  await using hal = await member('hal', 10)
  await hal.page.goto('/console/kontrib/me/claim')
  await hal.page.getByLabel('Claim code').fill(code)
  await hal.page.getByRole('button', { name: 'Claim' }).click()
  await hal.page.getByRole('alert').waitFor()

  await using ida = await member('ida', 0)
  const { page } = ida
  await page.getByRole('link', { name: 'claim it' }).click()
  await ida.look('my-codes')
  await page.getByLabel('Claim code').fill('not-a-code')
  await page.getByRole('button', { name: 'Claim' }).click()
  await page.getByRole('alert').waitFor()
  ida.complaints.length = 0
  await page.getByLabel('Claim code').fill(code)
  await page.getByRole('button', { name: 'Claim' }).click()
  await page.getByText('You are zed now').waitFor()
  await page.getByRole('link', { name: 'your contributions' }).click()
  const week = page.getByRole('region', { name: 'My rewards' }).getByRole('link').first()
  await ida.look('my-contributions-claimed')
  await week.click()
  await page.getByText('How the reward came about').waitFor()
  await page.getByText('10,000 KONTRIB').waitFor()
  await ida.look('my-week')
  await page.getByRole('button', { name: 'Verify' }).click()
  await page.getByText('Verified in this browser').waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await goTo(ida, 'Leaderboard')
  await page.getByText('Your place: 1').waitFor()
  await page.getByText('You', { exact: true }).waitFor()
  await ida.look('leaderboard')
  await page.getByLabel('Time').selectOption({ index: 1 })
  await page.getByRole('region', { name: 'Leaderboard of the week' }).getByText('You', { exact: true }).waitFor()
  await ida.look('leaderboard-week')
  expect(ida.complaints).toEqual([])

  await hal.page.getByLabel('Claim code').fill(code)
  await hal.page.getByRole('button', { name: 'Claim' }).click()
  await hal.page.getByText('used').first().waitFor()
}, 120_000)

test('an invitation makes a member one of the staff, with their pages', async () => {
  const { code = '' } = await asOwner('/people/invitations', { role: 'moderator', note: 'For Jo' })
  await using jon = await member('jon', 0)
  const { page } = jon
  await page.goto('/console/kontrib/me/claim')
  await page.getByLabel('Invitation code').fill(code)
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByText('You are of staff now, as moderator').waitFor()
  await page.getByLabel('Invitation code').fill(code)
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('alert').waitFor()
}, 60_000)
