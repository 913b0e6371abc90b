import { readFile } from 'node:fs/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { signInByKey, START_MS, startedFlorin, type StartedFlorin } from './started-florin.ts'

let florin: StartedFlorin

beforeAll(async () => {
  florin = await startedFlorin()
}, START_MS)

afterAll(async () => await florin?.[Symbol.asyncDispose]())

describe('the audit trail', () => {
  test.each([
    { width: 1440, theme: 'light' as const },
    { width: 390, theme: 'dark' as const },
  ])(
    'is narrowed, saved and verified in the browser at $width px',
    async ({ width, theme }) => {
      await using watched = await florin.watch({ width, theme })
      const { page, complaints, look } = watched
      await signInByKey(watched, florin.key)
      complaints.length = 0

      await page.goto('/console/kontrib/parameters/weekly_pool')
      await page.getByLabel('New value').fill(`${width}`)
      await page.getByRole('button', { name: 'Change the parameter' }).click()
      await page.getByText(width.toLocaleString('en')).first().waitFor()

      await page.goto('/console/kontrib/audit')
      await page.getByLabel('Action, or key.*').fill('parameter.*')
      await page.getByLabel('From', { exact: true }).fill('2020-01-01')
      await page.getByRole('button', { name: 'Filter' }).click()
      await page.waitForURL(/action=parameter\.\*.*from=2020-01-01/)
      await page.locator('main table tbody tr').first().waitFor()
      await look('audit-narrowed')
      for (const [name, begins] of [
        ['CSV', 'leaf,id,at,actor,action,subject,before,after\n'],
        ['JSON lines', '{"at":"'],
      ] as const) {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name, exact: true }).click(),
        ])
        const text = await readFile(await download.path(), 'utf8')
        expect(text.startsWith(begins)).toBe(true)
        const events = text
          .trimEnd()
          .split('\n')
          .filter((line) => !begins.startsWith(line))
        expect(events.every((line) => line.includes('parameter.'))).toBe(true)
      }

      await page.locator('main table tbody a').first().click()
      await page.getByRole('heading', { name: 'What changed' }).waitFor()
      await page.getByRole('row', { name: new RegExp(String(width)) }).waitFor()
      await page.getByRole('button', { name: 'Verify in the browser' }).click()
      await page.getByText('Verified in this browser').waitFor()
      await look('audit-verified')
      const [receipt] = await Promise.all([
        page.waitForEvent('download', (file) => file.suggestedFilename().endsWith('.receipt.json')),
        page.getByRole('button', { name: 'Proof files' }).click(),
      ])
      const shown = JSON.parse(await readFile(await receipt.path(), 'utf8'))
      expect(shown).toMatchObject({ format: 'florin-event-receipt@v1', diff: { value: { after: expect.anything() } } })
      expect(complaints).toEqual([])
    },
    120_000,
  )
})
