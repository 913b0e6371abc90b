import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startFlorin, until } from '../../test/florin.ts'
import { historyLines } from '../../test/wiki-lines.ts'
import { goTo, signInByKey, START_MS, startedFlorin, type StartedFlorin } from './started-florin.ts'
import type { WatchedPage } from './watched-page.ts'
import { startReceiver } from './webhook-receiver.ts'

/** What operators and finance do in a week, in the browser, against the real server. */
let florin: StartedFlorin

beforeAll(async () => {
  florin = await startedFlorin({ FLORIN_WEBHOOKS_PRIVATE: 'true' })
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

/** Of one test; each looks at several pages at two widths. */
const LIMIT_MS = 240_000

async function operator(look: { width: number; theme: 'light' | 'dark' }): Promise<WatchedPage> {
  const watched = await florin.watch(look)
  await signInByKey(watched, florin.key)
  watched.complaints.length = 0
  return watched
}

/** The same page where there is no room. */
async function lookNarrow({ page, look }: WatchedPage, name: string): Promise<void> {
  const before = page.viewportSize()
  await page.setViewportSize({ width: 390, height: 844 })
  await look(`${name}-narrow`)
  if (before) await page.setViewportSize(before)
}

describe('a webhook', () => {
  test(
    'is made, tells a receiver that verifies, is replayed, disabled, given a new secret and deleted',
    async () => {
      await using receiver = await startReceiver()
      await using watched = await operator({ width: 1440, theme: 'light' })
      const { page, complaints, look } = watched
      await goTo(watched, 'Webhooks')
      await page.getByText('Nobody is told yet').waitFor()
      await page.getByRole('link', { name: 'New webhook' }).click()
      await page.getByLabel('Address').fill(receiver.address)
      await page.getByLabel('Event types').fill('parameter.*')
      await page.getByRole('button', { name: 'Make the webhook' }).click()
      receiver.secret = await page.getByRole('button', { name: /^whsec_/ }).innerText()
      await look('webhook-made')
      await page.getByRole('link', { name: 'Go on to the webhook' }).click()
      await page.getByText('Nothing was sent yet').waitFor()

      receiver.status = 500
      await send('/parameters/min_tokens_per_user', 'smallest', { value: '1.5' })
      await page.getByText('1 refused, tried again').waitFor()
      await page.locator('main table tbody a').first().click()
      await page.getByText('Answered 500').first().waitFor()
      await page.getByText('not now').first().waitFor()
      await look('delivery')
      await lookNarrow(watched, 'delivery')

      receiver.status = 204
      await page.getByRole('button', { name: 'Send it again' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Send it again' }).click()
      await page.getByText('Delivered', { exact: true }).waitFor()
      const [first, second] = [receiver.heard.at(0), receiver.heard.at(-1)]
      expect(second).toEqual(first)
      expect(second).toMatchObject({ type: 'parameter.set' })

      await page.goBack()
      await page.getByText('Well', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Disable' }).click()
      await page.getByLabel('Reason').fill('The receiver moves house')
      await page.getByRole('button', { name: 'Disable it' }).click()
      await page.getByText('The receiver moves house').waitFor()
      await look('webhook-disabled')
      await lookNarrow(watched, 'webhook-disabled')
      await page.getByRole('button', { name: 'Enable', exact: true }).click()
      await page.getByRole('button', { name: 'Enable it' }).click()
      await page.getByText('Well', { exact: true }).waitFor()

      await page.getByRole('button', { name: 'Change the secret' }).click()
      await page.getByRole('button', { name: 'Make a new secret' }).click()
      receiver.secret = await page.getByRole('button', { name: /^whsec_/ }).innerText()
      const before = receiver.heard.length
      await page.getByRole('button', { name: 'Replay' }).click()
      await page.getByLabel('Everything since').fill('2020-01-01T00:00')
      await page.getByRole('button', { name: 'Send them again' }).click()
      await expect.poll(() => receiver.heard.length).toBeGreaterThan(before)
      expect(receiver.forged).toBe(0)

      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByLabel(/^To confirm/).fill(new URL(receiver.address).host)
      await page.getByRole('button', { name: 'Delete it for good' }).click()
      await page.getByText('Nobody is told yet').waitFor()
      expect(complaints).toEqual([])
    },
    LIMIT_MS,
  )
})

describe('an import', () => {
  test(
    'is followed while it is read, says what it left out, and is taken back',
    async () => {
      await using watched = await operator({ width: 390, theme: 'dark' })
      const { page, complaints, look } = watched
      const lines = historyLines({ count: 12_000, people: 50, start: new Date('2018-01-01T00:00:00Z') })
      const file = join(florin.data, 'another-wiki.jsonl')
      await writeFile(file, [...lines.slice(0, 9), '{', ...lines.slice(9)].join('\n'))
      const command = startFlorin(['import', 'contributions', file, '--economy', 'kontrib', '--on-error', 'skip'], {
        data: florin.data,
      })
      await until(async () => (await newestImport()).file === 'another-wiki.jsonl')
      // Held where it is, so that there is time to look.
      command.child.kill('SIGSTOP')
      await goTo(watched, 'Imports')
      await page.getByRole('link', { name: 'another-wiki.jsonl' }).click()
      await page.getByRole('heading', { name: 'It is being read' }).waitFor()
      command.child.kill('SIGCONT')
      await page.getByText(/\d a second/).waitFor()
      await look('import-reading')
      expect((await command.ended).code).toBe(0)
      await page.getByRole('heading', { name: 'It is being read' }).waitFor({ state: 'detached' })
      await page.getByText('12,001, of these 1 left out').waitFor()
      await page.getByRole('cell', { name: '10', exact: true }).waitFor()
      await look('import-done')

      await page.getByRole('button', { name: 'Take it back' }).click()
      await page.getByText(/^\d\d,\d{3} contributions, with their points$/).waitFor()
      await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click()
      await page.getByText('It was taken back', { exact: true }).waitFor()
      expect(complaints).toEqual([])

      await page.goto('/console/kontrib/imports')
      await page.getByRole('link', { name: 'wiki-history.jsonl.gz' }).click()
      await page.getByRole('button', { name: 'Take it back' }).click()
      await page.getByText(/of weeks that were distributed/).waitFor()
      await look('import-settled')
    },
    LIMIT_MS,
  )
})

describe('the operator’s Monday', () => {
  test(
    'shows who gets what, pays week after week, stops when told, and goes on',
    async () => {
      await using watched = await operator({ width: 1440, theme: 'dark' })
      const { page, complaints, look } = watched
      await page.goto('/console/kontrib/distributions/due?weeks=52')
      await page.getByRole('button', { name: 'Fund the rewards' }).click()
      await page.getByLabel('Amount in KONTRIB').fill('12.5')
      await page.getByRole('button', { name: 'Fund them' }).click()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      await page
        .getByRole('img', { name: /^The largest rewards/ })
        .first()
        .waitFor()
      await look('monday')
      const stopped = Promise.withResolvers<void>()
      let runs = 0
      await page.route('**/distributions/run', async (route) => {
        if (++runs === 2) await stopped.promise
        await route.continue()
      })
      await page.getByRole('button', { name: 'Pay these weeks' }).click()
      await page.getByText('Week 2 of 52').waitFor()
      await page.getByRole('button', { name: 'Stop after this week' }).click()
      stopped.resolve()
      await page.getByText('2 weeks paid').waitFor()
      await page.getByText(/50 still wait\./).waitFor()
      await look('monday-stopped')
      await lookNarrow(watched, 'monday-stopped')
      await page.getByLabel('How far').selectOption('4')
      await page.getByRole('button', { name: 'Pay these weeks' }).click()
      await page.getByText('4 weeks paid').waitFor()
      expect(complaints).toEqual([])
    },
    LIMIT_MS,
  )
})

describe('the ledger explorer', () => {
  test(
    'opens an account, posts to it after a trial, freezes it and says why it refuses',
    async () => {
      await using watched = await operator({ width: 1440, theme: 'light' })
      const { page, complaints, look } = watched
      await goTo(watched, 'Accounts')
      await page.getByRole('button', { name: 'Open an account' }).click()
      await page.getByLabel('Path', { exact: true }).fill('shop:till')
      await page.getByRole('button', { name: 'Open it' }).click()
      await page.getByRole('heading', { name: 'shop:till' }).waitFor()

      await postEntry(watched, { from: 'treasury:main', to: 'shop:till', amount: '10.5' })
      await page.getByRole('button', { name: 'Post it' }).click()
      await page.getByText('It is posted').waitFor()
      await look('entry-posted')
      await lookNarrow(watched, 'entry-posted')
      await page.getByRole('link', { name: 'See the entry' }).click()
      await page.getByRole('link', { name: 'shop:till' }).click()
      await page.getByText('It must be empty first').waitFor({ state: 'attached' })
      expect(complaints).toEqual([])

      await page.getByRole('button', { name: 'Limits' }).click()
      await page.getByLabel(/^Not above/).fill('5')
      await page.getByRole('button', { name: 'Set the limits' }).click()
      await page.getByRole('dialog').getByRole('alert').waitFor()
      await page.getByLabel(/^Not above/).fill('1000')
      await page.getByRole('button', { name: 'Set the limits' }).click()
      await page.getByText('not above 1,000').waitFor()
      await page.getByRole('button', { name: 'Freeze' }).click()
      await page.getByRole('button', { name: 'Freeze it' }).click()
      await page.getByText('Frozen', { exact: true }).waitFor()
      await look('account-frozen')
      await lookNarrow(watched, 'account-frozen')
      await postEntry(watched, { from: 'shop:till', to: 'treasury:main', amount: '1' })
      await page
        .getByRole('alert')
        .getByText(/frozen/)
        .waitFor()
      await page.goBack()
      await page.getByRole('button', { name: 'Unfreeze' }).click()
      await page.getByRole('button', { name: 'Unfreeze it' }).click()
      await page.getByText('Open', { exact: true }).waitFor()
      await page.goto('/console/kontrib/accounts/treasury:rewards')
      await page.getByText('It belongs to the module contributions').first().waitFor({ state: 'attached' })
    },
    LIMIT_MS,
  )

  test(
    'shows the accounts as a tree that a keyboard opens, branch by branch',
    async () => {
      await using watched = await operator({ width: 390, theme: 'light' })
      const { page, complaints, look } = watched
      await goTo(watched, 'Accounts')
      const treasury = page.getByRole('button', { name: /^treasury/ })
      await treasury.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: /^treasury/, expanded: true }).waitFor()
      await page.getByRole('link', { name: 'rewards', exact: true }).waitFor()
      await page.getByRole('button', { name: /^users/ }).click()
      await page.getByRole('button', { name: 'Show more of users' }).click()
      await page.evaluate(() => scrollTo(0, 0))
      await look('accounts-tree')
      await page.getByRole('link', { name: 'rewards', exact: true }).click()
      await page.getByRole('heading', { name: 'treasury:rewards' }).waitFor()
      expect(complaints).toEqual([])
    },
    LIMIT_MS,
  )

  test(
    'captures a part of a hold, and lets another one go',
    async () => {
      await using watched = await operator({ width: 1440, theme: 'dark' })
      const { page, complaints, look } = watched
      for (const amount of ['4', '7']) {
        const hold = { account: 'treasury:main', asset: 'KONTRIB', amount, reference: 'order 77' }
        await send('/ledger/holds', `hold-${amount}`, hold)
      }
      await page.goto('/console/kontrib/holds?reference=order 77')
      const row = (amount: string) => page.getByRole('row').filter({ hasText: `${amount} KONTRIB` })
      await row('4').getByRole('button', { name: 'Capture' }).click()
      await page.getByLabel('To', { exact: true }).fill('world:bank')
      await page.getByLabel('Amount in KONTRIB').fill('5')
      await page.getByRole('button', { name: 'Capture it' }).click()
      await page.getByRole('dialog').getByRole('alert').waitFor()
      complaints.length = 0
      await send('/ledger/accounts', 'bank', { path: 'world:bank', asset: 'KONTRIB' })
      await page.getByLabel('Amount in KONTRIB').fill('1.5')
      await page.getByRole('button', { name: 'Capture it' }).click()
      await row('4').getByText('Captured').waitFor()
      await row('7').getByRole('button', { name: 'Void' }).click()
      await page.getByRole('button', { name: 'Void it' }).click()
      await row('7').getByText('Voided').waitFor()
      await look('holds-ended')
      await lookNarrow(watched, 'holds-ended')
      expect(complaints).toEqual([])
    },
    LIMIT_MS,
  )

  test(
    'issues more of an asset only when a second owner approves',
    async () => {
      await using first = await operator({ width: 390, theme: 'dark' })
      const { page, look } = first
      await goTo(first, 'Assets')
      await page.getByRole('button', { name: 'Add an asset' }).click()
      await page.getByLabel('Code').fill('GEM')
      await page.getByLabel('Name').fill('Gems')
      await page.getByLabel('May ever be issued').fill('1000')
      await page.getByRole('button', { name: 'Add it for good' }).click()
      await page.getByRole('cell', { name: 'Gems' }).waitFor()
      await send('/ledger/accounts', 'gems', { path: 'shop:gems', asset: 'GEM' })

      await goTo(first, 'Issuances')
      await page.getByRole('button', { name: 'Ask for an issuance' }).click()
      await page.getByLabel('Asset').selectOption('GEM')
      await page.getByLabel('Amount').fill('12.25')
      await page.getByLabel('To', { exact: true }).fill('shop:gems')
      await page.getByLabel('Reason').fill('The first prize')
      await page.getByRole('button', { name: 'Ask for it' }).click()
      await page.getByText('You asked for it: another owner approves it.').waitFor({ state: 'attached' })
      await look('issuance-asked')

      const { key } = await send<{ key: string }>('/keys', 'partner', { name: 'partner', role: 'owner' })
      await using second = await florin.watch({ width: 1440, theme: 'light' })
      await signInByKey(second, key)
      second.complaints.length = 0
      await goTo(second, 'Issuances')
      await second.page.getByRole('button', { name: 'Approve' }).click()
      await second.page.getByRole('button', { name: 'Issue it' }).click()
      await second.page.getByRole('link', { name: 'Entry' }).waitFor()
      await second.look('issuance-approved')
      await lookNarrow(second, 'issuance-approved')
      expect([...first.complaints, ...second.complaints]).toEqual([])
    },
    LIMIT_MS,
  )
})

describe('the books', () => {
  test(
    'are looked at with what is open, kept as a file, and closed',
    async () => {
      await using watched = await operator({ width: 1440, theme: 'light' })
      const { page, complaints, look } = watched
      await goTo(watched, 'Closing')
      await page.getByLabel('All before').fill('2015-01-01')
      await page.getByRole('button', { name: 'See the report' }).click()
      await page.getByRole('heading', { name: 'Books before 1 Jan 2015' }).waitFor()
      await page.getByText('Weeks that ended before and are not distributed').waitFor()
      await look('closing-open')
      await lookNarrow(watched, 'closing-open')
      for (const [button, name] of [
        ['CSV', 'kontrib books before 2015-01-01.csv'],
        ['JSON', 'kontrib books before 2015-01-01.json'],
      ] as const) {
        const saved = page.waitForEvent('download')
        await page.getByRole('button', { name: button }).click()
        expect((await saved).suggestedFilename()).toBe(name)
      }
      await page.getByRole('button', { name: 'Close the books' }).click()
      await page.getByRole('button', { name: 'Close them for good' }).click()
      await page.getByText('The books are closed to this day').waitFor()
      await goTo(watched, 'Closing')
      await page.getByRole('link', { name: /1 Jan 2015/ }).waitFor()
      expect(complaints).toEqual([])
    },
    LIMIT_MS,
  )
})

describe('staking', () => {
  test(
    'shows staff what each pool can still promise, and is funded',
    async () => {
      await using watched = await operator({ width: 390, theme: 'light' })
      const { page, complaints, look } = watched
      await goTo(watched, 'Staking')
      await page.getByRole('button', { name: 'Fund it' }).click()
      await page.getByLabel('Amount in KONTRIB').fill('99999999999')
      await page.getByRole('dialog').getByRole('button', { name: 'Fund it' }).click()
      await page.getByRole('dialog').getByRole('alert').waitFor()
      complaints.length = 0
      await page.getByLabel('Amount in KONTRIB').fill('0.5')
      await page.getByRole('dialog').getByRole('button', { name: 'Fund it' }).click()
      await page.getByText('20,000,000.5').first().waitFor()
      await look('staking-funded')
      expect(complaints).toEqual([])
    },
    LIMIT_MS,
  )
})

/** Fills in an entry and tries it. */
async function postEntry({ page }: WatchedPage, { from, to, amount }: Record<string, string>): Promise<void> {
  await page.goto('/console/kontrib/entries/new')
  await page.getByLabel('From').fill(from ?? '')
  await page.getByLabel('To', { exact: true }).fill(to ?? '')
  await page.getByLabel('Amount').fill(amount ?? '')
  await page.getByRole('button', { name: 'Try it' }).click()
}

async function newestImport(): Promise<{ file: string }> {
  const headers = { authorization: `Bearer ${florin.key}` }
  const answer = await fetch(`${florin.address}/v1/kontrib/imports?limit=1`, { headers })
  const { data } = (await answer.json()) as { data: { file: string }[] }
  return data[0] ?? { file: '' }
}

/** What somebody else does meanwhile, without a browser. */
async function send<T = unknown>(path: string, key: string, body: object): Promise<T> {
  const headers = {
    authorization: `Bearer ${florin.key}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  }
  const answer = await fetch(`${florin.address}/v1/kontrib${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  expect(answer.ok, path).toBe(true)
  return (await answer.json()) as T
}
