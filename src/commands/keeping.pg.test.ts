import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { type CommandLine, testCommandLine, writeHistory } from '../../test/command-line.ts'

/* Keeping an economy over years: backups, restores, forks, keys, and looking after what it stands on. */

test('a backup becomes a copy with a log of its own, which verifies', async () => {
  await using line = await testCommandLine()
  await makeWiki(line)
  const made = await line.json(['backup', '-e', 'wiki', '-o', line.path('wiki.backup')])
  expect(made).toMatchObject({ code: 0, data: { file: line.path('wiki.backup'), economy: 'wiki' } })
  const again = await line.run(['backup', '-e', 'wiki', '-o', line.path('wiki.backup')])
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('(file_exists)') })

  expect(await line.run(['restore', line.path('wiki.backup'), '-e', 'copy'])).toMatchObject({ code: 0 })
  for (const name of ['wiki', 'copy']) {
    expect(await line.run(['verify', '-e', name, '--expect', line.path('checkpoint')])).toMatchObject({ code: 0 })
  }
  expect(await origin(line, 'copy')).not.toBe(await origin(line, 'wiki'))
  expect(await line.ask('copy', BALANCES)).toBe(await line.ask('wiki', BALANCES))
})

test('a dropped economy comes back from its backup with the key and the log that it had', async () => {
  await using line = await testCommandLine()
  await makeWiki(line)
  await line.run(['backup', '-e', 'wiki', '-o', line.path('wiki.backup')])
  const [before, key] = [await origin(line, 'wiki'), await readFile(keyFile(line))]
  expect(await line.run(['economy', 'drop', 'wiki', '--confirm', 'wikki'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('(confirmation_differs)'),
  })
  expect(await line.run(['economy', 'drop', 'wiki', '--confirm', 'wiki'])).toMatchObject({ code: 0 })
  expect((await line.run(['economy', 'list'])).stdout).toBe('There are no economies yet.\n')

  const restored = await line.json(['restore', line.path('wiki.backup'), '-e', 'wiki'])
  expect(restored).toMatchObject({ code: 0, data: { state: 'open' } })
  expect(await readFile(keyFile(line))).toEqual(key)
  expect(await origin(line, 'wiki')).toBe(before)
  expect(await line.run(['verify', '-e', 'wiki', '--expect', line.path('checkpoint')])).toMatchObject({ code: 0 })
})

test('a backup that is older than what was published is read-only until the fork is acknowledged', async () => {
  await using line = await testCommandLine()
  await makeWiki(line)
  await line.run(['backup', '-e', 'wiki', '-o', line.path('wiki.backup')])
  await line.run(['distribute', '-e', 'wiki', '--through', '2014-06-01'])
  const lost = await line.run(['checkpoint', '-e', 'wiki'])
  await writeFile(line.path('lost'), lost.stdout)
  await line.run(['economy', 'drop', 'wiki', '--confirm', 'wiki'])

  const restored = await line.json(['restore', line.path('wiki.backup'), '-e', 'wiki'])
  expect(restored).toMatchObject({ code: 0, data: { state: 'read_only' } })
  const distribute = ['distribute', '-e', 'wiki', '--through', '2014-06-01']
  expect(await line.json(distribute)).toMatchObject({ code: 1, data: { error: { code: 'economy_read_only' } } })
  expect(await line.json(['verify', '-e', 'wiki'])).toMatchObject({
    code: 1,
    data: { ok: false, findings: [{ code: 'log_behind' }] },
  })
  const shown = await line.run(['log', 'fork', '-e', 'wiki'])
  expect(shown).toMatchObject({ code: 1, stdout: expect.stringContaining('--acknowledge') })

  const before = await origin(line, 'wiki')
  const forked = await line.json(['log', 'fork', '--acknowledge', '-e', 'wiki'])
  expect(forked).toMatchObject({ code: 0, data: { origin: `${before}/2` } })
  expect(await line.json(distribute)).toMatchObject({ code: 0 })
  expect(await line.json(['verify', '-e', 'wiki', '--expect', line.path('checkpoint')])).toMatchObject({
    code: 0,
    data: { ok: true },
  })
  expect(await line.json(['verify', '-e', 'wiki', '--expect', line.path('lost')])).toMatchObject({
    code: 1,
    data: { ok: false, findings: [{ code: 'log_forked' }] },
  })
  expect(await line.json(['log', 'fork', '--acknowledge', '-e', 'wiki'])).toMatchObject({
    code: 1,
    data: { error: { code: 'log_not_forked' } },
  })
})

test('a new key signs beside the old one, and all of the log still verifies', async () => {
  await using line = await testCommandLine()
  await makeWiki(line)
  const { data: before } = await line.json(['checkpoint', '-e', 'wiki'])
  const rotated = await line.json(['log', 'rotate-key', '-e', 'wiki'])
  const { data: after } = await line.json(['checkpoint', '-e', 'wiki'])
  expect(rotated).toMatchObject({ code: 0, data: { vkey: (after['vkeys'] as string[])[0] } })
  expect(after['vkeys']).toEqual([rotated.data['vkey'], ...(before['vkeys'] as string[])])
  expect(await line.run(['verify', '-e', 'wiki', '--expect', line.path('checkpoint')])).toMatchObject({ code: 0 })

  // Who knows the old key alone can follow, since both sign the heads from here on.
  await line.run(['export', 'log', '-e', 'wiki', '-o', line.path('log')])
  const [old] = before['vkeys'] as [string]
  expect(await line.run(['verify-export', line.path('log'), '--vkey', old])).toMatchObject({ code: 0 })
})

test('a database server of one’s own does as well as the embedded one', async () => {
  await using line = await testCommandLine()
  const { adminUrl } = await line.folder.start()
  const own = { data: line.path('keys-only'), env: { DATABASE_URL: adminUrl.reveal() } }
  await writeHistory(line.path('history.jsonl'), { lines: 50 })
  expect(await line.run(['economy', 'create', 'wiki', '-b', 'kontrib'], own)).toMatchObject({ code: 0, stderr: '' })
  expect(await line.run(['import', 'contributions', line.path('history.jsonl'), '-e', 'wiki'], own)).toMatchObject({
    code: 0,
  })
  expect(await line.run(['verify', '-e', 'wiki'], own)).toMatchObject({ code: 0 })
  expect(await line.run(['doctor'], own)).toMatchObject({ code: 0 })
  expect((await readdir(own.data)).toSorted()).toEqual(['checkpoints', 'keys'])
})

test('the doctor says that all is well, and what is not', async () => {
  await using line = await testCommandLine()
  await makeWiki(line)
  const { code, data } = await line.json(['doctor'])
  expect({ code, data }).toMatchObject({ code: 0, data: { ok: true } })
  expect(data['findings']).toContainEqual(expect.objectContaining({ level: 'ok', subject: 'economy wiki' }))

  const env = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
  const ill = await line.run(['doctor'], { env })
  expect(ill.code).toBe(1)
  expect(ill.stdout).toMatch(/^PROBLEM {2}database server: .* Check DATABASE_URL, .*\(database_unreachable\)$/m)
})

const BALANCES = `select string_agg(path || ' ' || balance, ',' order by path) from ledger.account`

/** An economy with a few weeks of history, and its head kept in a file. */
async function makeWiki(line: CommandLine): Promise<void> {
  await writeHistory(line.path('history.jsonl'), { lines: 300 })
  await line.run(['economy', 'create', 'wiki', '-b', 'kontrib'])
  await line.run(['import', 'contributions', line.path('history.jsonl'), '-e', 'wiki'])
  await line.run(['distribute', '-e', 'wiki', '--through', '2014-04-01'])
  const { stdout } = await line.run(['checkpoint', '-e', 'wiki'])
  await writeFile(line.path('checkpoint'), stdout)
}

async function origin(line: CommandLine, economy: string): Promise<string> {
  return await line.ask(economy, 'select origin from ledger.log')
}

function keyFile(line: CommandLine): string {
  return join(line.folder.path, 'keys', 'wiki.pem')
}
