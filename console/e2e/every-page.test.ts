import { execFileSync } from 'node:child_process'

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { testDataFolder } from '../../test/embedded-postgres.ts'
import { type Running, startFlorin, until } from '../../test/florin.ts'
import type { TestWallet } from '../../test/wallets.ts'
import { giveWallets } from './browser-wallets.ts'
import { openBrowser } from './browser.ts'
import { shippedScript } from './shipped-script.ts'
import { type WatchedPage, watchedPage } from './watched-page.ts'

/** The server as `npm start` runs it, with the wiki of the demonstration, and a browser that goes to every page. */
let folder: Awaited<ReturnType<typeof testDataFolder>>
let server: Running
let browser: Browser
let address = ''
let key = ''

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/console.ts'])
  folder = await testDataFolder()
  server = startFlorin(['serve', '--demo', '--json'], { data: folder.path, env: { PORT: '0', LOG_LEVEL: 'warn' } })
  const opening = openBrowser()
  await until(() => server.seen.stdout.includes('\n'), { limit_ms: 180_000 })
  const said = JSON.parse(server.seen.stdout) as { address: string; key: string }
  address = said.address
  key = said.key
  browser = await opening
}, 240_000)

afterAll(async () => {
  await browser?.close()
  server?.child.kill('SIGTERM')
  await server?.ended
  await folder?.[Symbol.asyncDispose]()
})

async function signIn({ page }: WatchedPage): Promise<void> {
  await page.goto('/console/kontrib/sign-in?by=key')
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}

/** Every page of the navigation, and what is behind the first link of its list. */
const PAGES = [
  { name: 'Overview' },
  { name: 'Distributions', first: 'distribution' },
  { name: 'Contributions', first: 'contribution' },
  { name: 'Contributors', first: 'contributor' },
  { name: 'Articles', first: 'article' },
  { name: 'Accounts', first: 'account' },
  { name: 'Entries', first: 'entry' },
  { name: 'Holds' },
  { name: 'Trial balance' },
  { name: 'Blocks', first: 'block' },
  { name: 'Parameters', first: 'parameter' },
  { name: 'Imports' },
  { name: 'API keys' },
  { name: 'Audit' },
] as const

describe('every page', () => {
  test.each([
    { width: 1440, theme: 'light' as const },
    { width: 390, theme: 'dark' as const },
  ])(
    'works at $width px in the $theme theme, and may be read by everybody',
    async ({ width, theme }) => {
      await using watched = await watchedPage(browser, { width, theme, address })
      const { page, complaints, look } = watched
      await page.goto('/')
      await look('economies')
      await page.goto('/console/kontrib/sign-in')
      await look('sign-in')
      await signIn(watched)
      // Before anybody is signed in, one question is answered with 401: who is there?
      complaints.length = 0
      for (const { name, ...more } of PAGES) {
        if (width < 600) await page.getByRole('button', { name: 'Menu', exact: true }).click()
        await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).last().click()
        await page.getByRole('heading', { name, level: 1 }).waitFor()
        await look(name.toLowerCase().replaceAll(' ', '-'))
        if (!('first' in more)) continue
        await page.locator('main table tbody a').first().click()
        await page.getByRole('heading', { name, level: 1, exact: true }).waitFor({ state: 'detached' })
        await look(more.first)
      }
      await page.goto('/console/kontrib/distributions/due')
      await look('due')
      expect(complaints).toEqual([])
    },
    240_000,
  )

  test('of an address that there is not says so', async () => {
    await using watched = await watchedPage(browser, { width: 1440, theme: 'light', address })
    await signIn(watched)
    await watched.page.goto('/console/kontrib/no-such-page')
    await watched.page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
  })
})

describe('a member', () => {
  test('signs up, opens the link in the mail, and sees every page of theirs', async () => {
    for (const { width, theme } of [
      { width: 390, theme: 'light' as const },
      { width: 1440, theme: 'dark' as const },
    ]) {
      await using watched = await watchedPage(browser, { width, theme, address })
      const { page, complaints, look } = watched
      const name = `ada${width}`
      await page.goto('/console/kontrib/sign-up')
      await look('sign-up')
      await page.getByLabel('Username').fill(name)
      await page.getByLabel('E-mail').fill(`${name}@example.org`)
      await page.getByLabel('Password').fill('correct horse battery')
      await page.getByRole('button', { name: 'Create the account' }).click()
      await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
      await page.goto(await linkMailedTo(`${name}@example.org`))
      await page.getByRole('heading', { name: 'My account' }).waitFor()
      // Before anybody was signed in, who is there was answered with 401.
      complaints.length = 0
      for (const page_name of ['My account', 'My contributions', 'My stakes', 'Security']) {
        if (width < 600) await page.getByRole('button', { name: 'Menu', exact: true }).click()
        await page
          .getByRole('navigation', { name: 'Pages' })
          .getByRole('link', { name: page_name, exact: true })
          .last()
          .click()
        await page.getByRole('heading', { name: page_name, level: 1 }).waitFor()
        await look(page_name.toLowerCase().replaceAll(' ', '-'))
      }
      expect(complaints).toEqual([])
      if (width < 600) await page.getByRole('button', { name: 'Menu', exact: true }).click()
      await page.getByRole('button', { name: 'Sign out', exact: true }).last().click()
      await page.getByLabel('E-mail').fill(`${name}@example.org`)
      await page.getByLabel('Password').fill('correct horse battery')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'My account' }).waitFor()
    }
  }, 120_000)
})

describe('a wallet', () => {
  test('that a member has linked signs them in, on either chain', async () => {
    for (const { width, theme, chain, name } of [
      { width: 390, theme: 'dark', chain: 'evm', name: 'Fox' },
      { width: 1440, theme: 'light', chain: 'solana', name: 'Ghost' },
    ] as const) {
      await using watched = await watchedPage(browser, { width, theme, address })
      const { page, complaints, look } = watched
      const wallets = await giveWallets(page, width % 256)
      const email = `wallet${width}@example.org`
      await page.goto('/console/kontrib/sign-up')
      await page.getByLabel('Username').fill(`wallet${width}`)
      await page.getByLabel('E-mail').fill(email)
      await page.getByLabel('Password').fill('correct horse battery')
      await page.getByRole('button', { name: 'Create the account' }).click()
      await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
      await page.goto(await linkMailedTo(email))
      await page.getByRole('heading', { name: 'My account' }).waitFor()
      await link(watched, wallets[chain])
      await page.context().clearCookies()

      await page.goto('/console/kontrib/sign-in')
      await page.getByRole('link', { name: 'Sign in with a wallet' }).click()
      await page.getByRole('button', { name: /Fox/ }).waitFor()
      complaints.length = 0
      await look('sign-in-wallet')
      if (chain === 'evm') {
        wallets.decline = true
        await page.getByRole('button', { name: /Fox/ }).click()
        await page.getByText('You declined in your wallet, and nothing was signed.').waitFor()
        wallets.decline = false
      }
      await page.getByRole('button', { name: new RegExp(name) }).click()
      await page.getByRole('heading', { name: 'My account' }).waitFor()
      expect(complaints).toEqual([])
    }
  }, 120_000)

  test('is asked for in a sentence where the browser has none', async () => {
    await using watched = await watchedPage(browser, { width: 390, theme: 'light', address })
    await watched.page.goto('/console/kontrib/sign-in?by=wallet')
    await watched.page.getByText('This browser has no wallet.').waitFor()
  })
})

/** Links a wallet to whoever is signed in, by what the page of security asks. */
async function link({ page }: WatchedPage, { chain, address: of, sign }: TestWallet): Promise<void> {
  const post = async (path: string, data: object) => {
    const headers = { origin: address, 'sec-fetch-site': 'same-origin', 'idempotency-key': path }
    return await page.request.post(`/v1/kontrib/me${path}`, { data, headers })
  }
  const { message } = (await (await post('/wallets/challenges', { chain, address: of })).json()) as { message: string }
  expect((await post('/wallets', { message, signature: sign(message) })).status()).toBe(201)
}

async function linkMailedTo(to: string): Promise<string> {
  const answer = await fetch(`${address}/v1/kontrib/outbox`, { headers: { authorization: `Bearer ${key}` } })
  const { data } = (await answer.json()) as { data: { to: string; text: string }[] }
  return /http\S+/.exec(data.find((mail) => mail.to === to)?.text ?? '')?.[0] ?? ''
}

describe('the console', () => {
  test('verifies an entry and a block in the page', async () => {
    await using watched = await watchedPage(browser, { width: 1440, theme: 'light', address })
    await signIn(watched)
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
    await using watched = await watchedPage(browser, { width: 1440, theme: 'light', address })
    await signIn(watched)
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
    await using watched = await watchedPage(browser, { width: 390, theme: 'light', address })
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

  test('shows its first page within a second', async () => {
    await using watched = await watchedPage(browser, { width: 1440, theme: 'light', address })
    await watched.page.goto('/console/kontrib/sign-in')
    await watched.page.getByRole('heading', { level: 1 }).waitFor()
    const painted = await watched.page.waitForFunction(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    )
    const paint_ms = await painted.jsonValue()
    expect(paint_ms).toBeLessThan(1_000)
  })
})
