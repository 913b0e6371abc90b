import { expect, test } from 'vitest'

import { type CommandLine, testCommandLine, writeHistory } from '../../test/command-line.ts'
import { until } from '../../test/florin.ts'

/*
 * Long work that is killed, or asked to stop, in the middle, and done again: it must end with what an undisturbed run
 * ends with. Both economies are in one data folder.
 */

const LINES = 8_000
const THROUGH = '2018-09-03'
const IMPORTED = 'select coalesce(max(lines), 0) from contributions.import'
const WEEKS = 'select count(*) from contributions.weekly_distribution'

test('an import and a distribution that were killed and run again end like undisturbed ones', async () => {
  await using line = await testCommandLine()
  await writeHistory(line.path('history.jsonl'), { lines: LINES })
  for (const name of ['calm', 'killed']) await line.run(['economy', 'create', name, '-b', 'kontrib'])
  const imported = (name: string) => ['import', 'contributions', line.path('history.jsonl'), '-e', name]
  const distributed = (name: string) => ['distribute', '-e', name, '--through', THROUGH]

  await killOnce(line, imported('killed'), async () => Number(await line.ask('killed', IMPORTED)) > 0)
  expect(Number(await line.ask('killed', IMPORTED))).toBeLessThan(LINES)
  for (const name of ['killed', 'calm']) expect(await line.run(imported(name))).toMatchObject({ code: 0 })

  await killOnce(line, distributed('killed'), async () => Number(await line.ask('killed', WEEKS)) > 20)
  for (const name of ['killed', 'calm']) expect(await line.run(distributed(name))).toMatchObject({ code: 0 })

  expect(await line.ask('killed', WEEKS)).toBe(await line.ask('calm', WEEKS))
  const reports = await Promise.all(['killed', 'calm'].map(async (name) => await reportOf(line, name)))
  expect(reports[0]).toEqual(reports[1])
  const { code, stdout } = await line.run(['verify', '-e', 'killed'])
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^killed holds/) })
}, 300_000)

test('an import stops at Ctrl-C, and says how to go on', async () => {
  await using line = await testCommandLine()
  await writeHistory(line.path('history.jsonl'), { lines: LINES })
  await line.run(['economy', 'create', 'wiki', '-b', 'kontrib'])
  const run = ['import', 'contributions', line.path('history.jsonl'), '-e', 'wiki']
  const running = line.start(run)
  await until(async () => Number(await line.ask('wiki', IMPORTED)) > 0)
  running.child.kill('SIGINT')
  const stopped = await running.ended
  expect(stopped).toMatchObject({ code: 130, stdout: '' })
  expect(stopped.stderr).toMatch(
    /^florin: Stopped\. The first [\d,]+ lines are in\. Run the same command again .*\(interrupted\)\n$/,
  )
  const read = Number(await line.ask('wiki', IMPORTED))
  expect(read).toBeLessThan(LINES)
  expect(await line.json(run)).toMatchObject({ code: 0, data: { lines_before: read, lines: LINES - read } })
}, 120_000)

async function killOnce(line: CommandLine, args: string[], inTheMiddle: () => Promise<boolean>): Promise<void> {
  const running = line.start(args)
  await until(inTheMiddle)
  running.child.kill('SIGKILL')
  expect((await running.ended).signal).toBe('SIGKILL')
}

/** People have other ids in another economy, and with equal points another order: their names say who is who. */
async function reportOf(line: CommandLine, name: string): Promise<string[]> {
  const { stdout } = await line.run(['report', 'contributors', '-e', name])
  const people = stdout.split('\n').toSorted()
  expect(people.length).toBeGreaterThan(500)
  return people
}
