import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { shippedScript } from './shipped-script.ts'
import { PASSWORD, signInByKey, signUp, START_MS, startedFlorin, type StartedFlorin } from './started-florin.ts'

let florin: StartedFlorin

beforeAll(async () => {
  florin = await startedFlorin()
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

describe('the console', () => {
  test('lets a member out, and in again', async () => {
    await using watched = await florin.watch({ width: 1440, theme: 'light' })
    const { page } = watched
    await signUp(watched, florin, 'grace')
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByLabel('E-mail').fill('grace@example.org')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'My account' }).waitFor()
  })

  test('says of an address that there is not what to do', async () => {
    await using watched = await florin.watch({ width: 1440, theme: 'light' })
    await signInByKey(watched, florin.key)
    await watched.page.goto('/console/kontrib/no-such-page')
    await watched.page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
  })

  test('verifies an entry and a block in the page', async () => {
    await using watched = await florin.watch({ width: 1440, theme: 'light' })
    await signInByKey(watched, florin.key)
    const { page, look } = watched
    for (const [list, name] of [
      ['entries', 'verified-entry'],
      ['blocks', 'verified-block'],
    ] as const) {
      await page.goto(`/console/kontrib/${list}`)
      await page.locator('main table tbody a').first().click()
      await page.getByRole('button', { name: 'Verify in the browser' }).click()
      await page.getByText('Verified in this browser').waitFor()
      await look(name)
    }
  })

  test('changes a parameter, and says in a sentence why it may not be so', async () => {
    await using watched = await florin.watch({ width: 1440, theme: 'light' })
    await signInByKey(watched, florin.key)
    const { page } = watched
    await page.goto('/console/kontrib/parameters/weekly_pool')
    const value = page.getByLabel('New value')
    await value.fill('-5')
    await page.getByRole('button', { name: 'Change the parameter' }).click()
    await page.getByRole('alert').waitFor()
    await value.fill('1234.5')
    await page.getByRole('button', { name: 'Change the parameter' }).click()
    await page.getByText('1,234.5').first().waitFor()
  })

  test('refuses a key that nobody has, and keeps none', async () => {
    await using watched = await florin.watch({ width: 390, theme: 'light' })
    const { page } = watched
    await page.goto('/console/kontrib/entries')
    await page.getByRole('link', { name: 'Sign in with an API key' }).click()
    await page.getByLabel('API key').fill('fl_0123456789abcdef0123456789abcdef')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This key is unknown or revoked').waitFor()
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
  })

  test('ships at most 250 kB of script with a page, compressed and before charts', () => {
    const shipped = shippedScript()
    expect(shipped.length).toBeGreaterThan(20)
    expect(shipped.filter(({ bytes }) => bytes > 250_000)).toEqual([])
  })

  test('shows its first page within a second, to a browser that has none of it', async () => {
    const paints_ms = await firstPaints()
    expect(paints_ms.toSorted((a, b) => a - b)[Math.floor(VISITS / 2)]).toBeLessThan(1_000)
  })
})

async function firstPaints(): Promise<number[]> {
  const paints_ms: number[] = []
  for (let visit = 0; visit < VISITS; visit++) {
    await using watched = await florin.watch({ width: 1440, theme: 'light' })
    await watched.page.goto('/console/kontrib/sign-in')
    await watched.page.getByRole('heading', { level: 1 }).waitFor()
    const painted = await watched.page.waitForFunction(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    )
    paints_ms.push((await painted.jsonValue()) ?? Infinity)
  }
  return paints_ms
}

const VISITS = 5
