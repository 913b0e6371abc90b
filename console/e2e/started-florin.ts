import type { Browser } from 'playwright-core'

import { openBrowser } from './browser.ts'
import { demonstration, serveDemo } from './demonstration.ts'
import { watchedPage, type WatchedPage } from './watched-page.ts'

/**
 * The server as `npm start` runs it, with the wiki of the demonstration in a data folder of its own, and a browser to go
 * to it with. Disposing of it ends both.
 */
export async function startedFlorin(env: Record<string, string> = {}): Promise<StartedFlorin> {
  const opening = openBrowser()
  const { folder, key } = await demonstration()
  const { server, address } = await serveDemo(folder.path, env)
  const browser = await opening
  return {
    address,
    key,
    data: folder.path,
    browser,
    watch: async ({ host, ...look }) =>
      await watchedPage(browser, { ...look, address: host ? address.replace('127.0.0.1', host) : address }),
    linkMailedTo: async (to) => await outboxLink({ address, key }, to),
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      server.child.kill('SIGTERM')
      await server.ended
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** The link in the newest mail to somebody, out of the outbox. */
export async function outboxLink({ address, key }: { address: string; key: string }, to: string): Promise<string> {
  const answer = await fetch(`${address}/v1/kontrib/outbox`, { headers: { authorization: `Bearer ${key}` } })
  const { data } = (await answer.json()) as { data: { to: string; text: string }[] }
  return /http\S+/.exec(data.find((mail) => mail.to === to)?.text ?? '')?.[0] ?? ''
}

/** Signs in to the console with a key of staff. */
export async function signInByKey({ page }: WatchedPage, key: string): Promise<void> {
  await page.goto('/console/kontrib/sign-in?by=key')
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}

/** Signs up as a new member and opens the link that was mailed: the page is at My account then. */
export async function signUp({ page }: WatchedPage, florin: StartedFlorin, name: string): Promise<void> {
  const email = `${name}@example.org`
  await page.goto('/console/kontrib/sign-up')
  await page.getByLabel('Username').fill(name)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create the account' }).click()
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
  await page.goto(await florin.linkMailedTo(email))
  await page.getByRole('heading', { name: 'My account' }).waitFor()
}

/** Goes to a page by the navigation, which is behind a button where there is no room. */
export async function goTo({ page, width }: WatchedPage, name: string): Promise<void> {
  if (width < NARROW) await page.getByRole('button', { name: 'Menu', exact: true }).click()
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).last().click()
  await page.getByRole('heading', { name, level: 1, exact: true }).waitFor()
}

/** Of everybody who signs up here. */
export const PASSWORD = 'correct horse battery'
/** For the first who starts one; the others copy what that one made. */
export const START_MS = 240_000
/** Below it the sidebar is a sheet. */
const NARROW = 1_024

export interface StartedFlorin extends AsyncDisposable {
  address: string
  /** An owner's. */
  key: string
  /** FLORIN_DATA, for commands beside the server. */
  data: string
  browser: Browser
  watch: (look: Look) => Promise<WatchedPage>
  /** The link in the newest mail to that address. */
  linkMailedTo: (to: string) => Promise<string>
}

interface Look {
  width: number
  theme: 'light' | 'dark'
  /** By which name the browser calls the server: passkeys are for names, not for numbers. */
  host?: 'localhost'
}
