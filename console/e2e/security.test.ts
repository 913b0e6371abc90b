import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { codeOf } from '../../test/totp.ts'
import { giveWallets } from './browser-wallets.ts'
import { goTo, PASSWORD, signUp, START_MS, startedFlorin, type StartedFlorin } from './started-florin.ts'

let florin: StartedFlorin

beforeAll(async () => {
  florin = await startedFlorin()
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

test('a second factor is set up from its QR code, asked for, replaced by a backup code, and turned off', async () => {
  await using watched = await florin.watch({ width: 390, theme: 'light' })
  const { page, complaints, look } = watched
  await signUp(watched, florin, 'fay')
  await goTo(watched, 'Security')
  complaints.length = 0
  const secondFactor = page.locator('section').filter({ hasText: 'Second factor' })
  await secondFactor.getByLabel('Your password').fill(PASSWORD)
  await secondFactor.getByRole('button', { name: 'Set it up' }).click()
  await page.getByRole('img', { name: 'The secret, for an authenticator app' }).waitFor()
  const [backup] = await page.getByRole('list', { name: 'Backup codes' }).getByRole('listitem').allTextContents()
  await look('second-factor')
  expect(complaints).toEqual([])
  const secret = await secondFactor.getByTitle('Copy').textContent()
  const uri = `otpauth://totp/florin?secret=${secret}`
  await page.getByLabel('3. The code that the app shows').fill('000000')
  await page.getByRole('button', { name: 'Turn it on' }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('3. The code that the app shows').fill(codeOf(uri, Date.now()))
  await page.getByRole('button', { name: 'Turn it on' }).click()
  await page.getByRole('button', { name: 'Make new backup codes' }).waitFor()

  await signInByPassword(page, 'fay')
  await page.getByLabel('Code').fill('000 000')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('This code is wrong, or too old. Type the one that your app shows now.').waitFor()
  await look('sign-in-code')
  await page.getByRole('button', { name: 'Begin again' }).click()
  await page.getByLabel('E-mail').waitFor()

  await signInByPassword(page, 'fay')
  await page.getByLabel('Code').fill(codeOf(uri, Date.now()))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'My account' }).waitFor()

  await signInByPassword(page, 'fay')
  await page.getByLabel('Code').fill(backup ?? '')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'My account' }).waitFor()

  await goTo(watched, 'Security')
  await page.getByLabel('Your password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Turn it off' }).click()
  await page.getByRole('button', { name: 'Set it up' }).waitFor()
})

test('a second factor that is set up once more has another secret', async () => {
  await using watched = await florin.watch({ width: 1440, theme: 'dark' })
  const { page } = watched
  await signUp(watched, florin, 'sam')
  await goTo(watched, 'Security')
  const first = await setUpSecondFactor(page)
  await page.getByLabel('Your password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Turn it off' }).click()
  await page.getByRole('button', { name: 'Set it up' }).waitFor()
  expect(await setUpSecondFactor(page)).not.toBe(first)
})

test('an e-mail changes once both addresses have agreed, and each link says what is left to do', async () => {
  await using watched = await florin.watch({ width: 1440, theme: 'light' })
  const { page, complaints, look } = watched
  await signUp(watched, florin, 'eve')
  await goTo(watched, 'Security')
  complaints.length = 0
  await page.getByLabel('New e-mail').fill('eve@example.net')
  await page.getByRole('button', { name: 'Change the e-mail' }).click()
  await page.getByText('Look into the mail of your present address').waitFor()
  await page.goto(await florin.linkMailedTo('eve@example.org'))
  await page.getByText('another link is on its way to the new one').waitFor()
  await page.getByText('eve@example.org').waitFor()
  await look('email-half-changed')
  const link = await florin.linkMailedTo('eve@example.net')
  await page.goto(link)
  await page.getByText('eve@example.net').waitFor()
  await page.goto(link)
  await page.getByText('it was used already').waitFor()
  expect(complaints).toEqual([])
})

test('a passkey is added, signs in, and is removed', async () => {
  await using watched = await florin.watch({ width: 1440, theme: 'dark', host: 'localhost' })
  const { page, complaints, look } = watched
  await giveAuthenticator(page)
  await signUp(watched, florin, 'pat')
  await goTo(watched, 'Security')
  complaints.length = 0
  await page.getByLabel('Name of the new passkey').fill('Laptop')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByLabel('Name of the passkey Laptop').waitFor()
  await look('passkeys')
  expect(complaints).toEqual([])

  await page.context().clearCookies()
  await page.goto('/console/kontrib/sign-in')
  await page.getByRole('link', { name: 'Sign in with a passkey' }).click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByRole('heading', { name: 'My account' }).waitFor()
  await goTo(watched, 'Security')
  await page.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('button', { name: 'Remove it' }).click()
  await page.getByLabel('Name of the passkey Laptop').waitFor({ state: 'detached' })
})

test('other sessions end at once, and the password changes', async () => {
  await using here = await florin.watch({ width: 1440, theme: 'light' })
  await using there = await florin.watch({ width: 390, theme: 'light' })
  await signUp(here, florin, 'sue')
  await signInByPassword(there.page, 'sue')
  await there.page.getByRole('heading', { name: 'My account' }).waitFor()

  await goTo(here, 'Security')
  await here.page.getByText('Chrome on Linux').first().waitFor()
  await here.page.getByRole('button', { name: 'End all others' }).click()
  await here.page.getByRole('button', { name: 'End them' }).click()
  await here.page.getByRole('button', { name: /End all others.*There are no others/ }).waitFor()
  await there.page.reload()
  await there.page.getByRole('heading', { name: 'Sign in' }).waitFor()

  await here.page.getByLabel('Current password').fill('not my password')
  await here.page.getByLabel('New password').fill('another horse battery')
  await here.page.getByRole('button', { name: 'Change the password' }).click()
  await here.page.getByRole('alert').waitFor()
  await here.page.getByLabel('Current password').fill(PASSWORD)
  await here.page.getByRole('button', { name: 'Change the password' }).click()
  await here.page.getByText('Your password is changed.').waitFor()
})

test('a wallet is linked and unlinked, and one that declines changes nothing', async () => {
  await using watched = await florin.watch({ width: 390, theme: 'dark' })
  const { page, complaints, look } = watched
  const wallets = await giveWallets(page, 7)
  await signUp(watched, florin, 'wim')
  await goTo(watched, 'Wallets')
  complaints.length = 0
  wallets.decline = true
  await page.getByRole('button', { name: /Fox/ }).click()
  await page.getByText('You declined in your wallet, and nothing was signed.').waitFor()
  wallets.decline = false
  for (const name of [/Fox/, /Ghost/]) await linkBy(page, name)
  await look('wallets-linked')
  expect(complaints).toEqual([])

  await page.getByRole('button', { name: 'Unlink' }).first().click()
  await page.getByRole('button', { name: 'Unlink it' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.getByRole('row').nth(2).waitFor({ state: 'detached' })
})

test('a personal key is made, shown once, reads as its person, and is revoked', async () => {
  await using watched = await florin.watch({ width: 1440, theme: 'light' })
  const { page, complaints, look } = watched
  await signUp(watched, florin, 'kim')
  await goTo(watched, 'My keys')
  complaints.length = 0
  await page.getByLabel('Name').fill('My script')
  await page.getByLabel('read what you may see').uncheck()
  await page.getByRole('button', { name: /Make a key.*Allow it one thing/ }).waitFor()
  await page.getByLabel('read what you may see').check()
  await page.getByRole('button', { name: 'Make a key' }).click()
  const shown = page.getByRole('status').filter({ hasText: 'it is not shown again' })
  const key = (await shown.locator('code').textContent()) ?? ''
  await look('my-key-made')
  expect(complaints).toEqual([])
  const me = async () => await fetch(`${florin.address}/v1/kontrib/me`, { headers: { authorization: `Bearer ${key}` } })
  expect(await (await me()).json()).toMatchObject({ username: 'kim' })

  await page.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('button', { name: 'Revoke the key' }).click()
  await page.getByText('Revoked', { exact: true }).waitFor()
  expect((await me()).status).toBe(401)
})

async function linkBy(page: Page, name: RegExp): Promise<void> {
  const before = await page.getByRole('row').count()
  await page.getByRole('button', { name }).click()
  await page.getByText(/wallet is linked/).waitFor()
  await page.waitForFunction((rows) => document.querySelectorAll('tr').length > rows, before)
}

async function signInByPassword(page: Page, name: string): Promise<void> {
  await page.context().clearCookies()
  await page.goto('/console/kontrib/sign-in')
  await page.getByLabel('E-mail').fill(`${name}@example.org`)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Answers what an authenticator scans. */
async function setUpSecondFactor(page: Page): Promise<string> {
  const secondFactor = page.locator('section').filter({ hasText: 'Second factor' })
  await secondFactor.getByLabel('Your password').fill(PASSWORD)
  await secondFactor.getByRole('button', { name: 'Set it up' }).click()
  const uri = `otpauth://totp/florin?secret=${await secondFactor.getByTitle('Copy').textContent()}`
  await page.getByLabel('3. The code that the app shows').fill(codeOf(uri, Date.now()))
  await page.getByRole('button', { name: 'Turn it on' }).click()
  await page.getByRole('button', { name: 'Make new backup codes' }).waitFor()
  return uri
}

/** A device that keeps passkeys and confirms whatever it is asked. */
async function giveAuthenticator(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  })
}
