import { afterAll, beforeAll, expect, test } from 'vitest'

import { goTo, signInByKey, signUp, START_MS, startedFlorin, type StartedFlorin } from './started-florin.ts'

let florin: StartedFlorin

beforeAll(async () => {
  florin = await startedFlorin()
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

test('staff hand an imported person over by a code that is shown once', async () => {
  await using watched = await florin.watch({ width: 1440, theme: 'light' })
  const { page, complaints, look } = watched
  await signInByKey(watched, florin.key)
  complaints.length = 0
  await goTo(watched, 'People')
  await page.getByLabel('Sign-in').selectOption('false')
  await page.locator('main table tbody a').first().click()
  await page.getByRole('button', { name: 'Make a claim code' }).click()
  const code = await page.getByRole('status').filter({ hasText: 'it is not shown again' }).locator('code').textContent()
  expect(code).toMatch(/\S{12,}/)
  await look('claim-code')
  await page.reload()
  await page.getByRole('button', { name: 'Make a claim code' }).waitFor()
  expect(await page.getByText(code ?? '').count()).toBe(0)
  expect(complaints).toEqual([])
})

test('staff read as a member, who sees it, and can change nothing meanwhile', async () => {
  await using member = await florin.watch({ width: 390, theme: 'light' })
  await signUp(member, florin, 'mia')
  await using staff = await florin.watch({ width: 390, theme: 'dark' })
  const { page, complaints, look } = staff
  await signInByKey(staff, florin.key)
  complaints.length = 0
  await goTo(staff, 'People')
  await page.getByLabel('Name begins with').fill('mia')
  await page.getByLabel('Name begins with').press('Enter')
  await page.getByRole('link', { name: 'mia' }).click()
  await page.getByLabel('Reason').fill('Ticket 4711')
  await page.getByRole('button', { name: 'Begin reading' }).click()
  await page.getByText('You read as mia').waitFor()
  await page.getByRole('heading', { name: 'My account' }).waitFor()
  await look('reading-as')
  // What the console keeps, it keeps for this tab alone.
  expect(await page.evaluate(() => localStorage.getItem('florin.reading.kontrib'))).toBeNull()
  await page.goto('/console/kontrib/me/keys')
  await page.getByText('You read as mia').waitFor()
  await page.getByRole('button', { name: /Make a key.*can change nothing/ }).waitFor()
  expect(complaints).toEqual([])

  await goTo(member, 'My keys')
  await member.page.getByText('Read by staff').first().waitFor()

  await page.getByRole('button', { name: 'Stop reading' }).click()
  await page.getByRole('heading', { name: 'People' }).waitFor()
  expect(await page.evaluate(() => sessionStorage.getItem('florin.reading.kontrib'))).toBeNull()
  await member.page.reload()
  await member.page.getByText('Revoked', { exact: true }).waitFor()
})

test('an owner makes somebody of staff and a member again, and invites another', async () => {
  await using watched = await florin.watch({ width: 1440, theme: 'dark' })
  const { page, complaints, look } = watched
  await using member = await florin.watch({ width: 1440, theme: 'light' })
  await signUp(member, florin, 'otto')
  await signInByKey(watched, florin.key)
  complaints.length = 0
  await goTo(watched, 'People')
  await page.getByLabel('Name begins with').fill('otto')
  await page.getByLabel('Name begins with').press('Enter')
  await page.getByRole('link', { name: 'otto' }).click()
  await page.getByLabel('Acts as').selectOption('moderator')
  await page.getByRole('button', { name: 'Set the role' }).click()
  await page.getByRole('button', { name: /Set the role.*otto is that already/ }).waitFor()
  await member.page.reload()
  await member.page.getByText('Moderator').first().waitFor()
  await page.getByLabel('Acts as').selectOption('member')
  await page.getByRole('button', { name: 'Set the role' }).click()
  await page.getByRole('button', { name: /Set the role.*otto is that already/ }).waitFor()

  await page.goto('/console/kontrib/people/invitations')
  await page.getByLabel('For whom').fill('The new moderator')
  await page.getByRole('button', { name: 'Invite' }).click()
  await page.getByRole('status').filter({ hasText: 'it is not shown again' }).locator('code').waitFor()
  await look('invited')
  await page.getByRole('button', { name: 'Take back' }).click()
  await page.getByRole('button', { name: 'Take it back' }).click()
  await page.getByText('Taken back', { exact: true }).waitFor()
  expect(complaints).toEqual([])
})

test('the outbox shows the mails of development, with links of this server', async () => {
  await using member = await florin.watch({ width: 390, theme: 'dark' })
  await signUp(member, florin, 'olga')
  await using watched = await florin.watch({ width: 390, theme: 'light' })
  await signInByKey(watched, florin.key)
  await goTo(watched, 'Outbox')
  await watched.page.getByText('olga@example.org').first().waitFor()
  expect(await watched.page.locator('main a').first().getAttribute('href')).toContain(florin.address)
})
