import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { historyLines, lineOf } from '../../test/wiki-lines.ts'
import { testWiki, type TestWiki, week } from '../../test/wiki.ts'
import { systemClock } from '../core/clock.ts'
import { importContributions } from './contributions.ts'
import type { ImportOptions } from './importer.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/wiki-history/wiki-history.jsonl.gz')
const CHILD = join(import.meta.dirname, '../../test/wiki-child.ts')

async function read(t: TestWiki, text: string | Buffer, options: Partial<ImportOptions> = {}) {
  t.clock.set(t.clock.now() > week(40) ? t.clock.now() : week(40))
  const from = { name: 'history.jsonl', stream: Readable.from([text], { objectMode: false }) }
  return await importContributions(t.db, { from, onError: 'skip', actor: 'cli:test', clock: t.clock, ...options })
}

const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')

async function work({ db }: TestWiki) {
  const rows = await db
    .selectFrom('contributions.contribution as contribution')
    .innerJoin('contributions.contributor as contributor', 'contributor.id', 'contribution.contributor')
    .innerJoin('identity.person as person', 'person.id', 'contributor.person')
    .select(['contribution.line', 'person.username', 'contribution.type', 'contribution.base_points'])
    .orderBy('contribution.id')
    .execute()
  return rows.map(({ line, username, type, base_points }) => [Number(line), username, type, base_points])
}

describe('lines', () => {
  test('become contributions: the first of a page is its creation, and edits are large or small', async () => {
    await using t = await testWiki()
    const result = await read(
      t,
      text([
        lineOf({ author: 'ada' }),
        lineOf({ author: 'bob', language: 'de' }),
        lineOf({ author: 'cyd', added: 5, removed: 5 }),
        lineOf({ author: 'dan', change: 'edit', added: 9, removed: 0 }),
        lineOf({ author: 'eve', change: 'rename', added: 500 }),
        lineOf({ author: 'fay', change: 'delete' }),
        lineOf({ author: 'gus', change: 'edit', article: 'common/ls', coauthors: ['ada', 'bob'] }),
      ]),
    )
    expect(await work(t)).toEqual([
      [1, 'ada', 'creation', 100],
      [2, 'bob', 'translation', 75],
      [3, 'cyd', 'major_edit', 50],
      [4, 'dan', 'minor_edit', 20],
      [5, 'eve', 'minor_edit', 20],
      [7, 'gus', 'major_edit', 17],
      [7, 'ada', 'major_edit', 17],
      [7, 'bob', 'major_edit', 16],
    ])
    expect(result).toMatchObject({ lines: 7, contributions: 8, people: 6, articles: 2, refused: 0, linesBefore: 0 })
  })

  test('with a reviewer bring a review, of a deletion too, and never of one’s own', async () => {
    await using t = await testWiki({ parameters: { reviews_per_day: 2 } })
    await read(
      t,
      text([
        lineOf({ author: 'ada', reviewer: 'bob' }),
        lineOf({ author: 'ada', reviewer: 'bob', change: 'delete' }),
        lineOf({ author: 'ada', reviewer: 'bob', change: 'edit' }),
        lineOf({ author: 'ada', reviewer: 'ada', change: 'edit' }),
        lineOf({ author: 'ada', reviewer: 'bob', change: 'edit', at: '2026-01-07T00:00:00Z' }),
      ]),
    )
    expect((await work(t)).filter(([, , type]) => type === 'review')).toEqual([
      [1, 'bob', 'review', 10],
      [2, 'bob', 'review', 10],
      [3, 'bob', 'review', 0],
      [5, 'bob', 'review', 10],
    ])
    const reviews = await t.db.selectFrom('contributions.review').select(['score_e2', 'staff']).execute()
    expect(reviews).toEqual(Array.from({ length: 3 }, () => ({ score_e2: null, staff: false })))
    expect(await t.contributor('ada')).toMatchObject({ reputation_e4: 10_000 })
  })

  test('make people join with the first line that brings them something', async () => {
    await using t = await testWiki()
    await read(
      t,
      text([
        lineOf({ author: 'ada', change: 'delete', at: '2026-01-06T01:00:00Z' }),
        lineOf({ author: 'bob', reviewer: 'cyd', at: '2026-01-06T02:00:00Z' }),
        lineOf({ author: 'ada', change: 'edit', at: '2026-01-06T03:00:00Z' }),
      ]),
    )
    const people = await t.db
      .selectFrom('identity.person')
      .select(['username', 'joined_at'])
      .orderBy('username')
      .execute()
    expect(people).toEqual([
      { username: 'ada', joined_at: new Date('2026-01-06T03:00:00Z') },
      { username: 'bob', joined_at: new Date('2026-01-06T02:00:00Z') },
      { username: 'cyd', joined_at: new Date('2026-01-06T02:00:00Z') },
    ])
  })
})

describe('bad lines', () => {
  const good = lineOf({ author: 'ada' })
  const bad: [string, string | Buffer, string, string | null][] = [
    ['no JSON', '{"commit":', 'line_not_json', null],
    ['nothing', '', 'line_not_json', null],
    [
      'no UTF-8',
      Buffer.from(good.replace('ada', 'aXa')).map((byte) => (byte === 0x58 ? 0xff : byte)) as Buffer,
      'line_not_json',
      null,
    ],
    ['a field that is missing', good.replace('"author":"ada",', ''), 'line_invalid', 'author'],
    ['a field that there is not', lineOf({ points: 5 }), 'line_invalid', 'points'],
    ['an unknown change', lineOf({ change: 'merge' as 'edit' }), 'line_invalid', 'change'],
    ['a negative size', lineOf({ added: -1 }), 'line_invalid', 'added'],
    ['an absurd size', lineOf({ removed: 1_000_001 }), 'line_invalid', 'removed'],
    ['a name with a line break', lineOf({ author: 'a\nb' }), 'line_invalid', 'author'],
    ['a time in the future', lineOf({ at: '2099-01-01T00:00:00Z' }), 'line_time_out_of_range', 'at'],
    ['200,000 characters', lineOf({ article: 'x'.repeat(200_000) }), 'line_too_long', null],
  ]

  test.each(bad)(
    'such as %s are left out with their number and field, and the others come in',
    async (_, line, code, field) => {
      await using t = await testWiki()
      const whole = Buffer.concat([
        Buffer.from(`${good}\n`),
        Buffer.from(line),
        Buffer.from(`\n${lineOf({ author: 'bob', change: 'edit' })}\n`),
      ])
      const result = await read(t, whole)
      expect(result).toMatchObject({ lines: 3, refused: 1, contributions: 2, stopped: null })
      expect(result.errors).toMatchObject([{ line: 2, code, field }])
      expect((await work(t)).map(([at]) => at)).toEqual([1, 3])
    },
  )

  test('stop an import that is told to, before them; put right, it goes on', async () => {
    await using t = await testWiki()
    const lines = [good, lineOf({ author: 'bob', change: 'edit' }), 'oops', lineOf({ author: 'cyd', change: 'edit' })]
    const stopped = await read(t, text(lines), { onError: 'stop' })
    expect(stopped).toMatchObject({ lines: 2, contributions: 2, stopped: { line: 3, code: 'line_not_json' } })
    const again = await read(t, text(lines), { onError: 'stop' })
    expect(again).toMatchObject({ linesBefore: 2, lines: 0, stopped: { line: 3 } })
    lines[2] = lineOf({ author: 'dan', change: 'edit' })
    expect(await read(t, text(lines), { onError: 'stop' })).toMatchObject({ lines: 2, contributions: 2, stopped: null })
    expect((await work(t)).map(([, name]) => name)).toEqual(['ada', 'bob', 'dan', 'cyd'])
  })

  test('are counted all and shown a hundred', async () => {
    await using t = await testWiki()
    const result = await read(t, text([good, ...Array.from({ length: 250 }, () => '[]')]))
    expect(result).toMatchObject({ refused: 250, contributions: 1 })
    expect(result.errors).toHaveLength(100)
    expect(await t.db.selectFrom('contributions.import_refusal').select('line').execute()).toHaveLength(250)
  })
})

describe('a file', () => {
  test('that was read changes nothing when it is read again; grown, it brings what is new', async () => {
    await using t = await testWiki()
    const lines = historyLines({ count: 300, people: 9, start: week(0) })
    const first = await read(t, text(lines))
    const before = await t.outcome()
    const imports = async () => await t.db.selectFrom('contributions.import').selectAll().execute()
    const row = await imports()
    expect(await read(t, text(lines))).toMatchObject({ linesBefore: 300, lines: 0, contributions: 0 })
    expect(await read(t, gzipSync(text(lines)))).toMatchObject({ linesBefore: 300, lines: 0 })
    expect(await t.outcome()).toEqual(before)
    expect(await imports()).toEqual(row)
    const more = [...lines, lineOf({ author: 'new', article: 'common/new' })]
    expect(await read(t, text(more))).toMatchObject({ linesBefore: 300, lines: 1, contributions: 1, people: 1 })
    expect((await imports())[0]).toMatchObject({ lines: 301n, contributions: BigInt(first.contributions + 1) })
  })

  test('reads the same whether its last line ends or not, and whether it is compressed', async () => {
    const outcomes = []
    const lines = historyLines({ count: 200, people: 9, start: week(0) })
    for (const form of [text(lines), text(lines).trimEnd(), gzipSync(text(lines))]) {
      await using t = await testWiki()
      await read(t, form)
      outcomes.push(await t.outcome())
    }
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes[2]).toEqual(outcomes[0])
  })

  test('that begins like a known one and goes on otherwise is refused', async () => {
    await using t = await testWiki()
    const lines = historyLines({ count: 50, people: 5, start: week(0) })
    await read(t, text(lines))
    const altered = lines.with(20, lineOf({ author: 'mallory' }))
    await expect(read(t, text(altered))).rejects.toMatchObject({ code: 'import_file_differs' })
    await expect(read(t, text(lines.slice(0, 30)))).rejects.toMatchObject({ code: 'import_file_differs' })
  })

  test('that is empty, missing or damaged is refused with a sentence', async () => {
    await using t = await testWiki()
    await expect(read(t, '')).rejects.toMatchObject({ code: 'import_file_empty' })
    const missing = read(t, '', { from: join(tmpdir(), 'no-such-file.jsonl') })
    await expect(missing).rejects.toMatchObject({ code: 'import_file_unreadable' })
    await expect(read(t, '', { from: tmpdir() })).rejects.toMatchObject({ code: 'import_file_unreadable' })
    const damaged = gzipSync(text(historyLines({ count: 9_000, people: 9, start: week(0), minutes: 1 })))
    await expect(read(t, damaged.subarray(0, 80_000))).rejects.toMatchObject({ code: 'import_file_damaged' })
    // What came before the damage is in, and a whole copy goes on after it.
    const whole = await read(t, damaged)
    expect(whole.linesBefore).toBeGreaterThan(0)
    expect(whole.linesBefore + whole.lines).toBe(9_000)
  })

  test('may be imported by two at once: one of them reads on, or each in turn', async () => {
    await using t = await testWiki()
    const lines = text(historyLines({ count: 9_000, people: 30, start: week(0), minutes: 1 }))
    const runs = await Promise.allSettled([read(t, lines), read(t, lines)])
    for (const run of runs) {
      if (run.status === 'rejected') expect(run.reason).toMatchObject({ code: 'import_busy' })
    }
    await read(t, lines)
    await using other = await testWiki()
    await read(other, lines)
    expect(await t.outcome()).toEqual(await other.outcome())
  })

  test('comes in beside another with the same pages, each page being created once', async () => {
    await using t = await testWiki()
    const half = (commit: string) =>
      text(Array.from({ length: 3_000 }, (_, i) => lineOf({ commit, article: `common/a${i % 200}`, author: commit })))
    await Promise.all([read(t, half('one')), read(t, half('two'))])
    const creations = (await work(t)).filter(([, , type]) => type === 'creation')
    expect(creations).toHaveLength(200)
  })
})

describe('an import that is killed', () => {
  test('after any batch is continued by the next: the same as undisturbed', async () => {
    const lines = text(historyLines({ count: 9_500, people: 40, start: week(0), minutes: 1 }))
    await using t = await testWiki()
    let kills = 0
    for (;;) {
      try {
        await read(t, lines, {
          onProgress: () => {
            throw new Error('killed')
          },
        })
        break
      } catch {
        kills += 1
      }
    }
    expect(kills).toBe(5)
    await using other = await testWiki()
    await read(other, lines)
    expect(await t.outcome()).toEqual(await other.outcome())
  })

  test('with SIGKILL is continued by the next process', { timeout: 180_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'florin-import-'))
    await using _ = { [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }) }
    const file = join(folder, 'history.jsonl.gz')
    const lines = text(historyLines({ count: 40_000, people: 40, start: week(0), minutes: 1 }))
    await writeFile(file, gzipSync(lines))
    await using t = await testWiki()
    t.clock.set(systemClock.now())
    let kills = 0
    for (let ended = false; !ended;) {
      const child = spawn(process.execPath, [CHILD, t.url, 'import', file], { stdio: ['ignore', 'pipe', 'inherit'] })
      const exit = once(child, 'exit')
      let batches = 0
      child.stdout.on('data', (dots: Buffer) => {
        batches += dots.length
        if (batches >= 3 && child.kill('SIGKILL')) kills += 1
      })
      const [code] = (await exit) as [number | null]
      ended = code === 0
    }
    expect(kills).toBeGreaterThan(2)
    await using other = await testWiki()
    await read(other, lines)
    expect(await t.outcome()).toEqual(await other.outcome())
  })
})

test(
  'twelve years of a real wiki come to over 600 weeks, and every paid one pays its pool',
  { timeout: 240_000 },
  async () => {
    await using t = await testWiki()
    t.clock.set(new Date('2026-08-24T00:00:00Z'))
    const options = { onError: 'stop' as const, actor: 'cli:test', clock: t.clock }
    const result = await importContributions(t.db, { from: EXAMPLE, ...options })
    expect(result).toMatchObject({ lines: 115_645, contributions: 145_775, articles: 7_862, refused: 0 })
    const weeks = await t.distribute(new Date('2026-08-24T00:00:00Z'))
    expect(weeks).toHaveLength(651)
    const withPoints = weeks.filter(({ newPoints }) => newPoints > 0n)
    expect(withPoints).toHaveLength(614)
    const paid = weeks.reduce((sum, { totalTokens }) => sum + totalTokens, 0n)
    expect(paid).toBe(614n * 10_000n * 1_000_000_000n)
    expect(await t.balance('treasury:rewards')).toBe(60_000_000n * 1_000_000_000n - paid)
  },
)
