import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'

/**
 * A page of a given width whose every complaint is kept: what it wrote to the console as an error, what it threw, which
 * requests failed or were refused. `look` waits until it stands still, asks axe, and takes a picture.
 */
export async function watchedPage(
  browser: Browser,
  { width, theme, address }: WatchedPageOptions,
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 900 },
    colorScheme: theme,
    baseURL: address,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
  const open = new Set<unknown>()
  page.on('request', (request) => open.add(request))
  page.on('requestfinished', (request) => open.delete(request))
  page.on('requestfailed', (request) => {
    open.delete(request)
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`)
  })
  mkdirSync(SCREENS, { recursive: true })
  return {
    page,
    width,
    complaints,
    look: async (name) => {
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForFunction(() => !document.querySelector('[aria-label="Loading"]'))
      while (open.size > 0) await page.waitForTimeout(SETTLE_MS)
      const { violations } = await new AxeBuilder({ page }).withTags(STANDARDS).analyze()
      complaints.push(
        ...violations.map(
          ({ id, nodes }) =>
            `axe ${id} on ${name}: ${nodes
              .map(({ html }) => html)
              .join(' | ')
              .slice(0, 300)}`,
        ),
      )
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      if (overflow > 0) complaints.push(`${name} is ${overflow} px wider than its window of ${width}`)
      await page.screenshot({ path: join(SCREENS, `${name}-${width}-${theme}.png`), fullPage: true })
    },
    [Symbol.asyncDispose]: async () => await context.close(),
  }
}

const SCREENS = join(import.meta.dirname, 'screens')
const SETTLE_MS = 20
const PATIENCE_MS = 10_000
const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

export interface WatchedPage extends AsyncDisposable {
  page: Page
  width: number
  complaints: string[]
  look: (name: string) => Promise<void>
}

interface WatchedPageOptions {
  width: number
  theme: 'light' | 'dark'
  address: string
}
