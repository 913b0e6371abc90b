import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

import { TEST_START, type TestEconomy, testEconomy } from '../../test/helpers.ts'
import { readConfig } from '../config.ts'
import { must } from '../core/assert.ts'
import { snapshot, transaction } from '../core/db.ts'
import { addAsset, ensureAccounts } from './accounts.ts'
import type { EntryItem } from './items.ts'
import { exportJournal, type ExportJournal } from './journal.ts'
import { redactEntry } from './log/redaction.ts'
import { post } from './post.ts'

const HOUR_MS = 3_600_000
const isThere = async (version: Promise<string>) =>
  await version.then(
    () => true,
    () => false,
  )
const installed = await isThere(hledger(['--version']))
const beancountInstalled = await isThere(beancount(['--version']))

describe.runIf(installed || readConfig().ci)('The journal for hledger', () => {
  it('passes all strict checks, and its balances are ours', async () => {
    await using t = await testEconomy()
    await postHistory(t)
    const journal = await exported(t, { format: 'hledger' })
    await using file = await journalFile(journal)
    await hledger(['-f', file.path, 'check', '-s', 'ordereddates'])
    expect(await hledgerBalances(file.path)).toEqual(await ourBalances(t))
  })

  it('fails them when one amount differs by the last unit, on one side or on both', async () => {
    await using t = await testEconomy()
    await postHistory(t)
    const journal = await exported(t, { format: 'hledger' })
    const usdc = (text: string) => text.replace('0.000001 "USDC.E"', '0.000002 "USDC.E"')
    const tok = (text: string) => text.replace('12.50 TOK', '12.51 TOK')
    const alterations = [
      usdc(journal),
      usdc(usdc(journal)),
      tok(journal),
      tok(tok(journal)),
      journal.replace(/ = (-?\d+) "?GEM/, ' = $10 GEM'),
    ]
    for (const altered of alterations) {
      expect(altered).not.toBe(journal)
      await using file = await journalFile(altered)
      await expect(hledger(['-f', file.path, 'check', '-s', 'ordereddates'])).rejects.toThrow(/hledger: /)
    }
  })

  it('covers a period, with balances brought forward and asserted at its end', async () => {
    await using t = await testEconomy()
    await postHistory(t)
    const middle = new Date(TEST_START.getTime() + 30 * HOUR_MS)
    const after = await exported(t, { format: 'hledger', from: middle })
    const before = await exported(t, { format: 'hledger', to: middle })
    for (const journal of [before, after]) {
      await using file = await journalFile(journal)
      await hledger(['-f', file.path, 'check', '-s', 'ordereddates'])
    }
    await using file = await journalFile(after)
    expect(await hledgerBalances(file.path)).toEqual(await ourBalances(t))
    const [earlier, later] = [entriesIn(before), entriesIn(after)]
    expect(earlier.length).toBeGreaterThan(0)
    expect(later.length).toBeGreaterThan(0)
    expect([...earlier, ...later]).toEqual(entriesIn(await exported(t, { format: 'hledger' })))
  })

  it('is empty but for its directives where nothing was posted', async () => {
    await using t = await testEconomy()
    const journal = await exported(t, { format: 'hledger' })
    await using file = await journalFile(journal)
    await hledger(['-f', file.path, 'check', '-s', 'ordereddates'])
    expect(entriesIn(journal)).toEqual([])
  })
})

describe.runIf(beancountInstalled || readConfig().ci)('The journal for beancount', () => {
  it('passes its check, whole and in parts', async () => {
    await using t = await testEconomy()
    await postHistory(t)
    const middle = new Date(TEST_START.getTime() + 30 * HOUR_MS)
    for (const period of [{}, { from: middle }, { to: middle }]) {
      const journal = await exported(t, { format: 'beancount', ...period })
      expect(entriesIn(journal).length).toBeGreaterThan(0)
      await using file = await journalFile(journal)
      expect(await beancount(['-C', file.path])).toBe('')
    }
  })

  it('fails it when one amount differs by the last unit, on one side or on both', async () => {
    await using t = await testEconomy()
    await postHistory(t)
    const journal = await exported(t, { format: 'beancount' })
    const usdc = (text: string) => text.replace('0.000001 USDC.E', '0.000002 USDC.E')
    const tok = (text: string) => text.replace('12.50 TOK', '12.51 TOK')
    for (const altered of [usdc(journal), usdc(usdc(journal)), tok(journal), tok(tok(journal))]) {
      expect(altered).not.toBe(journal)
      await using file = await journalFile(altered)
      await expect(beancount(['-C', file.path])).rejects.toThrow(/does not balance|Balance failed/)
    }
  })

  it('is empty but for its directives where nothing was posted', async () => {
    await using t = await testEconomy()
    const journal = await exported(t, { format: 'beancount' })
    await using file = await journalFile(journal)
    expect(await beancount(['-C', file.path])).toBe('')
    expect(entriesIn(journal)).toEqual([])
  })
})

describe('The journal', () => {
  it('is written for beancount with names that it can have, and asserts every balance exactly', async () => {
    await using t = await testEconomy()
    await openAccounts(t)
    await postEntries(t, [{ ...tip('a', 1250n), reference: 'say "hi" \\ bye' }])
    const journal = await exported(t, { format: 'beancount' })
    expect(journal).toContain('2026-01-05 commodity USDC.E\n  code: "USDC.E"\n')
    expect(journal).toContain('2026-01-05 open Assets:Users:A:Available\n  path: "users:a:available"\n')
    expect(journal).toContain('2026-01-05 * "tip" "say \\"hi\\" \\\\ bye"\n')
    expect(journal).toContain('  Equity:World:Cards  -12.50 TOK\n  Assets:Users:A:Available  12.50 TOK\n')
    expect(journal).toContain('2026-01-06 balance Assets:Users:A:Available  12.50 ~ 0 TOK\n')
  })

  it('has every entry once, in the order in which they took effect, however many there are', async () => {
    await using t = await testEconomy()
    await openAccounts(t)
    const seconds = Array.from({ length: 6_000 }, (_, i) => (i * 7_919) % 6_000)
    await postEntries(
      t,
      seconds.map((second) => ({ ...tip('a', 1n), effectiveAt: new Date(TEST_START.getTime() - second * 1000) })),
    )
    const lines = linesOf(await exported(t, { format: 'jsonl' }))
    const times = lines.map(({ effective_at }) => effective_at)
    expect(times).toEqual(times.toSorted())
    expect(new Set(lines.map(({ seq }) => seq)).size).toBe(6_000)
  })

  it('shows the entries as lines of JSON, without what was erased', async () => {
    await using t = await testEconomy()
    await openAccounts(t)
    await postEntries(t, [{ ...tip('a', 1250n), reference: 'order 7', metadata: { note: 'thanks' } }, tip('b', 5n)])
    const [first, second] = linesOf(await exported(t, { format: 'jsonl' }))
    expect(first).toMatchObject({
      kind: 'tip',
      reference: 'order 7',
      actor: 'system',
      metadata: { note: 'thanks' },
      redacted: false,
      postings: [{ from: 'world:cards', to: 'users:a:available', asset: 'TOK', amount: '12.5', to_balance: '12.5' }],
    })
    const id = must(second, 'There are two entries').id
    await transaction(t.db, (tx) => redactEntry(tx, { id, reason: 'asked to', actor: 'system', now: TEST_START }))
    expect(linesOf(await exported(t, { format: 'jsonl' }))[1]).toMatchObject({ id, actor: null, redacted: true })
  })

  it('shows the postings as rows of CSV that no spreadsheet takes for formulas', async () => {
    await using t = await testEconomy()
    await openAccounts(t)
    await postEntries(t, [{ ...tip('a', 1250n), reference: '=HYPERLINK("x"), or so' }])
    const [head, row, ...more] = (await exported(t, { format: 'csv' })).trimEnd().split('\n')
    expect(head).toBe(
      'entry,id,effective_at,recorded_at,kind,reference,posting,from,to,asset,amount,from_balance,to_balance',
    )
    expect(row).toContain(`,tip,"'=HYPERLINK(""x""), or so",0,world:cards,users:a:available,TOK,12.5,-12.5,12.5`)
    expect(more).toEqual([])
  })
})

/** Three days of entries: several assets and postings each, one dated back, and references that no format likes. */
async function postHistory(t: TestEconomy): Promise<void> {
  await openAccounts(t)
  const usdc = { asset: 'USDC.E', from: 'world:cards', to: 'users:a:available' }
  await postEntries(t, [
    { ...tip('a', 1250n), reference: 'note | with ; comment' },
    { ...tip('b', 99n), reference: '日本 (code) [x]  two spaces' },
    { kind: 'many', postings: [{ ...usdc, amount: 1n }, ...tip('b', 700n).postings] },
  ])
  t.clock.set(new Date(TEST_START.getTime() + 48 * HOUR_MS))
  const gem = { asset: 'GEM', from: 'world:cards', to: 'users:b:available', amount: 7n }
  await postEntries(t, [
    { kind: 'gift', postings: [gem] },
    { ...tip('a', 1n), effectiveAt: new Date(TEST_START.getTime() + 20 * HOUR_MS) },
    { kind: 'swap', postings: [{ ...gem, from: gem.to, to: 'users:a:available' }] },
    { ...tip('b', 3n), effectiveAt: new Date('0001-01-01T00:00:00.000Z') },
  ])
}

async function openAccounts(t: TestEconomy): Promise<void> {
  const accounts = ['world:cards', 'users:a:available', 'users:b:available'].map((path) => ({ path }))
  await transaction(t.db, async (tx) => {
    const now = t.clock.now()
    await addAsset(tx, { code: 'USDC.E', name: 'USD', scale: 6, maxSupply: 10n ** 18n, actor: 'system', now })
    for (const asset of ['TOK', 'GEM', 'USDC.E']) await ensureAccounts(tx, { asset, accounts, now })
  })
}

async function postEntries(t: TestEconomy, entries: EntryItem[]): Promise<void> {
  await transaction(t.db, async (tx) => {
    await post(tx, entries, { actor: 'system', now: t.clock.now() })
  })
}

function tip(to: string, amount: bigint): EntryItem {
  return { kind: 'tip', postings: [{ from: 'world:cards', to: `users:${to}:available`, asset: 'TOK', amount }] }
}

async function exported(t: TestEconomy, options: ExportJournal): Promise<string> {
  return await snapshot(t.db, async (tx) => await textOf(exportJournal(tx, options)))
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

async function ourBalances(t: TestEconomy): Promise<string[]> {
  const rows = await t.db
    .selectFrom('ledger.account')
    .innerJoin('ledger.asset', 'ledger.asset.id', 'ledger.account.asset')
    .select(['path', 'code', 'scale', 'balance'])
    .where('balance', '<>', 0n)
    .execute()
  return rows.map(({ path, code, scale, balance }) => `${path} ${code} ${Number(balance) / 10 ** scale}`).toSorted()
}

async function hledgerBalances(path: string): Promise<string[]> {
  const csv = await hledger(['-f', path, 'balance', '--flat', '--no-total', '--layout=bare', '-O', 'csv'])
  const rows = csv.trim().split('\n').slice(1)
  return rows
    .map((row) => row.slice(1, -1).split('","'))
    .filter(([account]) => account !== 'opening:balances')
    .map(([account, asset, balance]) => `${account} ${asset} ${Number(balance)}`)
    .toSorted()
}

function entriesIn(journal: string): string[] {
  return journal.match(/seq: ?\d+/g) ?? []
}

function linesOf(jsonl: string): { id: string; seq: string; effective_at: string }[] {
  return jsonl
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function journalFile(text: string): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'florin-journal-'))
  const path = join(folder, 'books.journal')
  await writeFile(path, text)
  return { path, [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }) }
}

/** Rejects with what it printed when a check fails. */
async function beancount(args: string[]): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8' }
  const { stdout, stderr } = await promisify(execFile)('bean-check', args, { maxBuffer: 1e8, env })
  return stdout + stderr
}

/** Rejects with what it printed when a check fails. */
async function hledger(args: string[]): Promise<string> {
  // It reads the file in the encoding of its locale.
  const env = { ...process.env, LC_ALL: 'C.UTF-8' }
  const { stdout } = await promisify(execFile)('hledger', args, { maxBuffer: 1e8, env })
  return stdout
}
