import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type CommandLine, testCommandLine, writeHistory } from '../../test/command-line.ts'

/*
 * One small economy through all commands, in the order in which somebody would call them: what an earlier test made is
 * there for the later ones.
 */

const LINES = 400
const THROUGH = '2014-07-01'
let line: CommandLine

beforeAll(async () => {
  line = await testCommandLine()
  await writeHistory(line.path('history.jsonl'), { lines: LINES })
})

afterAll(async () => await line[Symbol.asyncDispose]())

describe('an economy', () => {
  test('is created once', async () => {
    expect((await line.run(['economy', 'list'])).stdout).toBe('There are no economies yet.\n')
    expect(await line.run(['economy', 'create', 'wiki', '--blueprint', 'kontrib'])).toMatchObject({
      code: 0,
      stderr: '',
    })
    const again = await line.run(['economy', 'create', 'wiki', '--blueprint', 'kontrib'])
    expect(again).toMatchObject({ code: 1, stdout: '' })
    expect(again.stderr).toMatch(/^florin: There is an economy wiki already .*\(economy_exists\)\n$/)
  })

  test('is listed', async () => {
    const { code, data } = await line.json(['economy', 'list'])
    expect({ code, data }).toMatchObject({
      code: 0,
      data: { economies: [{ name: 'wiki', blueprint: 'kontrib', state: 'open' }] },
    })
    expect((await line.run(['economy', 'list'])).stdout).toMatch(/^NAME +BLUEPRINT .*\nwiki +kontrib +open/)
  })

  test('is refused by another name, or from no blueprint', async () => {
    expect(await line.json(['economy', 'create', 'Wiki!', '-b', 'kontrib'])).toMatchObject({
      code: 1,
      data: { error: { code: 'economy_name_invalid' } },
    })
    expect(await line.json(['economy', 'create', 'other', '-b', 'contrib'])).toMatchObject({
      code: 1,
      data: { error: { code: 'blueprint_unknown' } },
    })
    const { stderr } = await line.run(['verify', '-e', 'wikki'])
    expect(stderr).toBe('florin: There is no economy "wikki". See "florin economy list". (economy_not_found)\n')
  })
})

describe('a key', () => {
  test('is shown once, alone on stdout, and can be revoked', async () => {
    const made = await line.run(['key', 'create', '-e', 'wiki', '--role', 'auditor', '--name', 'for the auditor'])
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^fl_[\w-]{43}\n$/) })
    const { data } = await line.json(['key', 'list', '-e', 'wiki'])
    expect(data).toMatchObject({ keys: [{ role: 'auditor', name: 'for the auditor', revoked_at: null }] })
    expect(JSON.stringify(data)).not.toContain(made.stdout.trim())

    const [{ id }] = data['keys'] as [{ id: string }]
    expect(await line.run(['key', 'revoke', id, '-e', 'wiki'])).toMatchObject({ code: 0 })
    expect((await line.run(['key', 'list', '-e', 'wiki'])).stdout).toMatch(/REVOKED\n.*\d{4}-\d\d-\d\dT[\d:.]+Z\n$/)
    expect(await line.json(['key', 'revoke', 'nobody', '-e', 'wiki'])).toMatchObject({
      code: 1,
      data: { error: { code: 'key_not_found' } },
    })
  })
})

describe('contributions', () => {
  test('are imported, and a second time change nothing', async () => {
    const first = await line.json(['import', 'contributions', line.path('history.jsonl'), '-e', 'wiki'])
    expect(first).toMatchObject({ code: 0, data: { lines: LINES, refused: 0, stopped: null } })
    const second = await line.json(['import', 'contributions', line.path('history.jsonl'), '-e', 'wiki'])
    expect(second).toMatchObject({ code: 0, data: { lines: 0, lines_before: LINES, contributions: 0 } })
  })

  test('stop before a line that is wrong, or leave it out, as told', async () => {
    const file = line.path('broken.jsonl')
    await writeHistory(file, { lines: LINES, extra: ['{"at":"never"}', 'no JSON'] })
    const stopped = await line.run(['import', 'contributions', file, '-e', 'wiki'])
    expect(stopped.code).toBe(1)
    expect(stopped.stdout).toMatch(new RegExp(`Stopped before line ${LINES + 1}: .*\\(line_invalid\\)`))
    const skipped = await line.run(['import', 'contributions', file, '-e', 'wiki', '--on-error', 'skip'])
    expect(skipped.code).toBe(0)
    expect(skipped.stderr.split('\n')).toHaveLength(3)
    expect(skipped.stdout).toContain('2 left out')
  })

  test('are paid week by week, after it was shown what would be', async () => {
    const run = ['distribute', '-e', 'wiki', '--through', THROUGH]
    const dry = await line.json([...run, '--dry-run'])
    const before = await line.ask('wiki', 'select count(*) from contributions.weekly_distribution')
    const real = await line.json(run)
    const again = await line.json(run)
    expect(before).toBe('0')
    expect(dry).toMatchObject({ code: 0, data: { dry_run: true } })
    const weeks = (from: typeof dry) => from.data['distributions'] as { week_start: string; total_tokens: string }[]
    const shown = (from: typeof dry) => weeks(from).map(({ week_start, total_tokens }) => [week_start, total_tokens])
    expect(shown(dry).length).toBeGreaterThan(10)
    expect(shown(real)).toEqual(shown(dry))
    expect(weeks(again)).toEqual([])
  })

  test('are reported as CSV and as JSON', async () => {
    const csv = await line.run(['report', 'contributors', '-e', 'wiki'])
    const [head, ...rows] = csv.stdout.trimEnd().split('\n')
    expect(head).toBe('username,total_contributions,total_points,total_tokens_earned')
    const json = await line.run(['report', 'contributors', '-e', 'wiki', '--json'])
    const people = json.stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text))
    expect(people.map((person) => Object.values(person).join(','))).toEqual(rows)
    expect(Number(people[0].total_points)).toBeGreaterThan(0)

    const file = line.path('people.csv.gz')
    expect(await line.run(['report', 'contributors', '-e', 'wiki', '-o', file])).toMatchObject({ code: 0, stdout: '' })
    expect(gunzipSync(await readFile(file)).toString()).toBe(csv.stdout)
  })
})
