import { afterAll, beforeAll, expect, test } from 'vitest'

import { goTo, signInByKey, signUp, START_MS, startedFlorin, type StartedFlorin } from './started-florin.ts'
import type { WatchedPage } from './watched-page.ts'

let florin: StartedFlorin

beforeAll(async () => {
  florin = await startedFlorin()
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

test('a change is recorded, reviewed with the keyboard by a member, and by staff, whose score counts alone', async () => {
  await using staff = await florin.watch({ width: 1440, theme: 'light' })
  await signInByKey(staff, florin.key)
  await record(staff, { article: 'Tides', people: 'wanda, olaf' })
  await staff.page.getByText('= 25 × 1').waitFor()

  await using member = await florin.watch({ width: 390, theme: 'dark' })
  const { page, complaints, look } = member
  await signUp(member, florin, 'rex')
  await goTo(member, 'Review queue')
  complaints.length = 0
  await choose(member, 'Tides')
  await page.getByRole('heading', { name: 'Major edit: Tides' }).waitFor()
  await page.getByText('0 of 3 scores').waitFor()
  const score = page.getByLabel('Score')
  await score.fill('4.5')
  await page.getByRole('button', { name: /Review.*Score from 0.5 to 3/ }).waitFor()
  await look('review-queue-refused')
  await score.fill('2.5')
  await page.keyboard.press('Enter')
  await page.getByText('the quality of that change is 1 now').waitFor()
  await page.getByText('The review brought you 10 points.').waitFor()
  await page.getByRole('row').filter({ hasText: 'Tides' }).waitFor({ state: 'detached' })
  await look('reviewed')
  expect(complaints).toEqual([])

  await goTo(staff, 'Review queue')
  await choose(staff, 'Tides')
  await staff.page.getByText('1 of 3 scores').waitFor()
  await staff.look('review-queue-staff')
  await staff.page.getByLabel('Score').fill('2.5')
  await staff.page.keyboard.press('Enter')
  await staff.page.getByText('the quality of that change is 2.5 now').waitFor()
  expect(staff.complaints.filter((each) => !each.startsWith('401'))).toEqual([])
})

test('nobody is offered, or may review, what they made', async () => {
  await using member = await florin.watch({ width: 1440, theme: 'dark' })
  await signUp(member, florin, 'ruth')
  await using staff = await florin.watch({ width: 390, theme: 'light' })
  await signInByKey(staff, florin.key)
  await record(staff, { article: 'Estuaries', people: 'ruth' })

  await goTo(member, 'Review queue')
  await member.look('review-queue-own')
  expect(await member.page.getByText('Estuaries').count()).toBe(0)
  await member.page.goto(staff.page.url())
  await member.page.getByRole('button', { name: /Review.*Nobody reviews a change of their own/ }).waitFor()
})

test('staff set the demand of an article until they clear it, and mark it', async () => {
  await using watched = await florin.watch({ width: 390, theme: 'dark' })
  const { page, look } = watched
  await signInByKey(watched, florin.key)
  watched.complaints.length = 0
  await record(watched, { article: 'Dunes', people: 'wanda' })
  await page.getByRole('link', { name: 'Dunes' }).first().click()
  await page.getByLabel('Demand').fill('1.8')
  await page.getByRole('button', { name: 'Set the demand' }).click()
  await page.getByText('set to 1.8 by staff').waitFor()
  await page.getByLabel('Featured').check()
  await page.getByRole('button', { name: 'Save the marks' }).click()
  await page.getByRole('button', { name: /Save the marks.*Nothing is changed/ }).waitFor()
  await look('article-curated')
  expect(watched.complaints).toEqual([])

  await page.getByLabel('Demand').fill('9')
  await page.getByRole('button', { name: 'Set the demand' }).click()
  await page.getByRole('alert').waitFor()
  await page.getByRole('button', { name: 'Clear it' }).click()
  await page.getByText('from its page views', { exact: true }).waitFor()
})

test('page views go up from a file, and a file that is none is refused with its line', async () => {
  await using watched = await florin.watch({ width: 1440, theme: 'light' })
  const { page, look } = watched
  await signInByKey(watched, florin.key)
  await record(watched, { article: 'Reefs, and atolls', people: 'wanda' })
  await goTo(watched, 'Articles')
  await page.getByRole('button', { name: 'Send page views' }).click()
  const yesterday = new Date(Date.now() - DAY_MS).toISOString().slice(0, 'yyyy-mm-dd'.length)
  await send(watched, `article,date,views\n"Reefs, and atolls",${yesterday},12\n`)
  await page.getByText('1 of 1 figures are new.').waitFor()
  await look('views-sent')
  await send(watched, `article,date,views\n"Reefs, and atolls",${yesterday},many\n`)
  await page.getByText('Line 2: views must be a whole number.').waitFor()
  await send(watched, 'title,hits\nReefs,1\n')
  await page.getByText('does not name the columns article, date, views').waitFor()
})

async function record({ page }: WatchedPage, change: { article: string; people: string }): Promise<void> {
  await page.goto('/console/kontrib/contributions')
  await page.getByRole('button', { name: 'Record a contribution' }).click()
  const form = page.getByRole('dialog', { name: 'Record a contribution' })
  await form.getByLabel('What was done').selectOption('major_edit')
  await form.getByLabel('Article').fill(change.article)
  await form.getByLabel('Who did it').fill(change.people)
  await form.getByRole('button', { name: 'Record it' }).click()
  await page.getByRole('heading', { name: 'Major edit', level: 1 }).waitFor()
}

async function choose({ page }: WatchedPage, article: string): Promise<void> {
  await page.getByRole('row').filter({ hasText: article }).getByRole('link', { name: 'Major edit' }).click()
}

async function send({ page }: WatchedPage, csv: string): Promise<void> {
  await page.getByLabel('File').setInputFiles({ name: 'views.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await page.getByRole('button', { name: 'Record the views' }).click()
}

const DAY_MS = 86_400_000
