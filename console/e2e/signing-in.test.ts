import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { TestWallet } from '../../test/wallets.ts'
import { giveWallets } from './browser-wallets.ts'
import { PASSWORD, signUp, START_MS, startedFlorin, type StartedFlorin } from './started-florin.ts'
import type { WatchedPage } from './watched-page.ts'

let florin: StartedFlorin

beforeAll(async () => {
  florin = await startedFlorin()
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

describe('a wallet', () => {
  test.each([
    { width: 390, theme: 'dark', chain: 'evm', name: 'Fox' },
    { width: 1440, theme: 'light', chain: 'solana', name: 'Ghost' },
  ] as const)('of $chain that a member has linked signs them in', async ({ width, theme, chain, name }) => {
    await using watched = await florin.watch({ width, theme })
    const { page, complaints, look } = watched
    const wallets = await giveWallets(page, width % 256)
    await signUp(watched, florin, `wallet${width}`)
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
  })

  test('is asked for in a sentence where the browser has none', async () => {
    await using watched = await florin.watch({ width: 390, theme: 'light' })
    await watched.page.goto('/console/kontrib/sign-in?by=wallet')
    await watched.page.getByText('This browser has no wallet.').waitFor()
  })
})

describe('a forgotten password', () => {
  test('is chosen anew by a link that works once', async () => {
    await using watched = await florin.watch({ width: 390, theme: 'light' })
    const { page, look } = watched
    await signUp(watched, florin, 'flo')
    await page.context().clearCookies()
    await page.goto('/console/kontrib/sign-in')
    await page.getByRole('link', { name: 'Choose a new password' }).click()
    await page.getByLabel('E-mail').fill('flo@example.org')
    await page.getByRole('button', { name: 'Send me a link' }).click()
    await page.getByText('a mail with a link is on its way').waitFor()

    const mailed = await florin.linkMailedTo('flo@example.org')
    await page.goto(mailed)
    await page.getByLabel('New password').fill('password1')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByRole('alert').waitFor()
    await look('password-weak')
    const second = await page.context().newPage()
    await second.goto(mailed)
    await page.getByLabel('New password').fill('four green bicycles')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByText('Your password is changed').waitFor()
    // In another tab, where the same link had been opened before.
    await second.getByLabel('New password').fill('five green bicycles')
    await second.getByRole('button', { name: 'Set the password' }).click()
    await second.getByText('This link was used already, or is too old.').waitFor()
    await second.getByRole('link', { name: 'Ask for another link' }).click()
    await second.getByRole('button', { name: 'Send me a link' }).waitFor()
    await page.goto(mailed)
    await page.getByText('This link was used already, or is too old.').waitFor()
    await look('password-link-spent')

    await page.getByRole('link', { name: 'Sign in' }).click()
    await signIn(page, 'flo', PASSWORD)
    await page.getByText('The e-mail or the password is wrong.').waitFor()
    await signIn(page, 'flo', 'four green bicycles')
    await page.getByRole('heading', { name: 'My account' }).waitFor()
  })
})

describe('whoever signs up', () => {
  test('is told in a sentence which name is taken, and which password is guessed first', async () => {
    await using watched = await florin.watch({ width: 390, theme: 'dark' })
    const { page, look } = watched
    await signUp(watched, florin, 'tia')
    await page.goto('/console/kontrib/sign-up')
    await page.getByLabel('Username').fill('tia')
    await page.getByLabel('E-mail').fill('tia@example.net')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Create the account' }).click()
    await page.getByRole('alert').filter({ hasText: 'name' }).waitFor()
    await look('sign-up-taken')
    await page.getByLabel('Username').fill('tia the second')
    await page.getByLabel('Password').fill('password1')
    await page.getByRole('button', { name: 'Create the account' }).click()
    await page.getByRole('alert').filter({ hasText: 'password' }).waitFor()
  })

  test('may have the link sent again, and signs in once it was opened', async () => {
    await using watched = await florin.watch({ width: 390, theme: 'light' })
    const { page, look } = watched
    await page.goto('/console/kontrib/sign-up')
    await page.getByLabel('Username').fill('rex')
    await page.getByLabel('E-mail').fill('rex@example.org')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Create the account' }).click()
    await page.getByRole('button', { name: 'Send the link again' }).click()
    await page.getByText('Another link is on its way to rex@example.org.').waitFor()
    await look('sign-up-mailed')
    await page.getByRole('link', { name: 'Back to signing in' }).click()
    await signIn(page, 'rex', PASSWORD)
    await page.getByText('Your address is not confirmed yet.').waitFor()
    await page.getByRole('button', { name: 'Send the link again' }).click()
    await page.getByText('Another link is on its way to rex@example.org.').waitFor()
    await look('sign-in-unconfirmed')
    await page.goto(await florin.linkMailedTo('rex@example.org'))
    await page.getByRole('heading', { name: 'My account' }).waitFor()
  })
})

test('whoever signs in is where they were going, filters and all', async () => {
  await using watched = await florin.watch({ width: 1440, theme: 'light' })
  const { page } = watched
  await page.goto('/console/kontrib/audit?action=session.begin')
  await page.getByRole('link', { name: 'Sign in with an API key' }).click()
  await page.getByLabel('API key').fill(florin.key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Audit' }).waitFor()
  expect(new URL(page.url()).search).toBe('?action=session.begin')
})

describe('the link of a sign-up', () => {
  test.each([
    { width: 390, theme: 'dark' },
    { width: 1440, theme: 'light' },
  ] as const)('asks for a new password in another browser, at $width px', async ({ width, theme }) => {
    const [name, email] = [`phone${width}`, `phone${width}@example.org`]
    await fetch(`${florin.address}/v1/kontrib/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: name, email, password: PASSWORD }),
    })
    await using watched = await florin.watch({ width, theme })
    const { page, complaints, look } = watched
    await page.goto(await florin.linkMailedTo(email))
    await page.getByRole('heading', { name: 'Confirm your address' }).waitFor()
    complaints.length = 0
    await look('confirm')
    await page.getByLabel('New password').fill('four green bicycles')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByText('Your address is confirmed').waitFor()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill('four green bicycles')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'My account' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('says why it leads nowhere', async () => {
    await using watched = await florin.watch({ width: 390, theme: 'light' })
    await watched.page.goto('/console/kontrib/confirm?error=username_taken')
    await watched.page.getByText('Somebody else has the name that you chose by now.').waitFor()
  })
})

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(`${name}@example.org`)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Links a wallet to whoever is signed in, by what the page of security asks. */
async function link({ page }: WatchedPage, { chain, address, sign }: TestWallet): Promise<void> {
  const post = async (path: string, data: object) => {
    const headers = { origin: florin.address, 'sec-fetch-site': 'same-origin', 'idempotency-key': path }
    return await page.request.post(`/v1/kontrib/me${path}`, { data, headers })
  }
  const { message } = (await (await post('/wallets/challenges', { chain, address })).json()) as { message: string }
  expect((await post('/wallets', { message, signature: sign(message) })).status()).toBe(201)
}
