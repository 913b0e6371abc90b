import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type CommandLine, testCommandLine, writeHistory } from '../../test/command-line.ts'
import { must } from '../core/assert.ts'

/*
 * What somebody with doubts can check, with the server and without. The tests after the first describe use what the
 * earlier ones wrote into files.
 */

let line: CommandLine
/** Where a verifier without database and settings runs: what it would read is not there. */
let nowhere: { data: string; env: Record<string, string> }

beforeAll(async () => {
  line = await testCommandLine()
  nowhere = { data: '/dev/null/nothing', env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' } }
  await writeHistory(line.path('history.jsonl'), { lines: 400 })
  await line.run(['economy', 'create', 'wiki', '-b', 'kontrib'])
  await line.run(['import', 'contributions', line.path('history.jsonl'), '-e', 'wiki'])
  await line.run(['distribute', '-e', 'wiki', '--through', '2014-05-01'])
  const { stdout } = await line.run(['checkpoint', '-e', 'wiki'])
  await writeFile(line.path('checkpoint'), stdout)
  await writeFile(
    line.path('altered-checkpoint'),
    stdout.replace(/^\d+$/m, (size) => `${BigInt(size) - 1n}`),
  )
})

afterAll(async () => await line[Symbol.asyncDispose]())

describe('florin verify', () => {
  test('finds that all holds, also with a head that was kept', async () => {
    const { code, data } = await line.json(['verify', '-e', 'wiki', '--expect', line.path('checkpoint')])
    expect({ code, data }).toMatchObject({ code: 0, data: { ok: true, economy: 'wiki', findings: [] } })
    expect(Number(data['entries'])).toBeGreaterThan(5)
    const { stdout } = await line.run(['verify', '-e', 'wiki'])
    expect(stdout).toMatch(/^wiki holds: \d+ entries in \d+ leaves under \d+ blocks?, in [\d.]+ s/)
  })

  test('finds that the history is not the one whose head was kept', async () => {
    const run = await line.run(['verify', '-e', 'wiki', '--expect', line.path('altered-checkpoint')])
    expect(run).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^wiki does not hold, .*\n[^]*\(log_forked\)\n$/),
    })
  })
})

describe('an exported log', () => {
  const exported = () => line.path('log.jsonl.gz')

  test('is verified from the file alone, by a checkpoint or by the key', async () => {
    const written = await line.json(['export', 'log', '-e', 'wiki', '-o', exported()])
    expect(written).toMatchObject({ code: 0, data: { file: exported() } })
    const byHead = await line.run(['verify-export', exported(), '--expect', line.path('checkpoint')], nowhere)
    expect(byHead).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('every checkpoint that you gave'),
    })

    const { data } = await line.json(['checkpoint', '-e', 'wiki'])
    const [vkey] = data['vkeys'] as [string]
    const byKey = await line.run(['verify-export', exported(), '--vkey', vkey, '--json'], nowhere)
    expect(byKey.code).toBe(0)
    expect(JSON.parse(byKey.stdout)).toMatchObject({ ok: true, economy: 'wiki', findings: [] })
  })

  test('is not believed without either', async () => {
    const { code, stderr } = await line.run(['verify-export', exported()], nowhere)
    expect(code).toBe(1)
    expect(stderr).toMatch(/Give --expect .*\(trust_missing\)\n$/)
  })

  test('is not believed once an amount is another', async () => {
    const text = gunzipSync(await readFile(exported())).toString()
    await writeFile(line.path('altered.jsonl'), text.replace(/"amount":"(\d+)"/, '"amount":"$11"'))
    const { code, stdout } = await line.run(
      ['verify-export', line.path('altered.jsonl'), '--expect', line.path('checkpoint')],
      nowhere,
    )
    expect(code).toBe(1)
    expect(stdout).toMatch(/does not hold, by \d+ findings?/)
    expect(stdout).toContain('(log_forked)')
  })

  test('is not read when it is cut off', async () => {
    const bytes = await readFile(exported())
    await writeFile(line.path('cut.jsonl.gz'), bytes.subarray(0, bytes.length - 100))
    const { code, stderr } = await line.run(
      ['verify-export', line.path('cut.jsonl.gz'), '--expect', line.path('checkpoint')],
      nowhere,
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/cannot be decompressed to its end.*\(file_damaged\)/)
  })
})

describe('the proof of one reward', () => {
  const files = () => ({ receipt: join(line.path('proof'), 'receipt'), proof: join(line.path('proof'), 'proof') })

  test('is found by who was rewarded', async () => {
    const [reward] = await allRewards()
    const { username, entry, posting, to } = must(reward, 'Somebody was rewarded')
    const { code, data } = await line.json(['report', 'rewards', username, '-e', 'wiki'])
    expect({ code, data }).toMatchObject({ code: 0, data: { username } })
    expect(data['rewards']).toContainEqual(expect.objectContaining({ entry, posting, asset: 'KONTRIB' }))
    expect(to).toContain(String(data['person']))
    expect(await line.json(['report', 'rewards', 'nobody', '-e', 'wiki'])).toMatchObject({
      code: 1,
      data: { error: { code: 'person_not_found' } },
    })
  })

  test('is two files, which a checkpoint is enough to verify', async () => {
    const id = await someReward()
    const written = await line.json(['export', 'proof', id, '--posting', '1', '-e', 'wiki', '-o', line.path('proof')])
    const { receipt, proof } = written.data as { receipt: string; proof: string }
    expect((await readdir(line.path('proof'))).map((name) => join(line.path('proof'), name)).toSorted()).toEqual(
      [proof, receipt].toSorted(),
    )
    await writeFile(files().receipt, await readFile(receipt))
    await writeFile(files().proof, await readFile(proof))

    const { code, stdout } = await line.run(
      ['verify-proof', receipt, proof, '--expect', line.path('checkpoint')],
      nowhere,
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^Proven: [\d.]+ KONTRIB went\n {2}from treasury:rewards\n {2}to {3}users:[0-9a-f-]+:available\n/,
    )
    expect(stdout).toContain('under the head that you kept.')
  })

  test('shows no other posting, no balance and no name', async () => {
    const [receipt, rewards] = [await readFile(files().receipt, 'utf8'), await rewardsOf(await someReward())]
    expect(rewards.length).toBeGreaterThan(2)
    const shown = rewards.filter(({ to, amount }) => receipt.includes(to) || receipt.includes(amount))
    expect(shown.map(({ no }) => no)).toEqual([1])
    expect(receipt).not.toMatch(/balance/)
  })

  test('is as good under the log’s key', async () => {
    const { data } = await line.json(['checkpoint', '-e', 'wiki'])
    await writeFile(line.path('vkeys'), `${(data['vkeys'] as string[]).join('\n')}\n`)
    const { receipt, proof } = files()
    const ran = await line.run(['verify-proof', receipt, proof, '--vkey', line.path('vkeys'), '--json'], nowhere)
    expect(ran.code).toBe(0)
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true, asset: 'KONTRIB', no: 1, from_balance: null })
  })

  test('proves nothing once it is altered, or under another head', async () => {
    const { receipt, proof } = files()
    const text = await readFile(receipt, 'utf8')
    await writeFile(line.path('altered'), text.replace(/"amount": "(\d+)"/, '"amount": "$10"'))
    const altered = await line.run(['verify-proof', line.path('altered'), proof, '--expect', line.path('checkpoint')])
    expect(altered).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('(posting_not_in_entry)') })
    const elsewhere = await line.run(['verify-proof', receipt, proof, '--expect', line.path('altered-checkpoint')])
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining('(checkpoint_differs)') })
    const untrusting = await line.run(['verify-proof', receipt, proof])
    expect(untrusting).toMatchObject({ code: 1, stderr: expect.stringContaining('(trust_missing)') })
  })

  test('is refused for what is not there', async () => {
    const id = await someReward()
    const out = ['-e', 'wiki', '-o', line.path('none')]
    expect(await line.json(['export', 'proof', id, '--posting', '9999', ...out])).toMatchObject({
      code: 1,
      data: { error: { code: 'posting_not_found' } },
    })
    expect(await line.json(['export', 'proof', 'nothing', '--posting', '0', ...out])).toMatchObject({
      code: 1,
      data: { error: { code: 'entry_not_found' } },
    })
  })
})

describe('the journal', () => {
  test('goes to stdout or to a file, in every format', async () => {
    for (const [format, start] of [
      ['hledger', 'decimal-mark .\n'],
      ['csv', 'entry,id,effective_at,'],
      ['jsonl', '{"seq":"1",'],
    ] as const) {
      const shown = await line.run(['export', 'journal', '-e', 'wiki', '--format', format])
      expect(shown).toMatchObject({ code: 0, stderr: '' })
      expect(shown.stdout.startsWith(start)).toBe(true)
      const file = line.path(`journal.${format}`)
      await line.run(['export', 'journal', '-e', 'wiki', '--format', format, '--output', file])
      expect(await readFile(file, 'utf8')).toBe(shown.stdout)
    }
  })

  test('leaves no half of a file where it cannot be written', async () => {
    const file = line.path('no/such/folder/journal.csv')
    const { code, stderr } = await line.run(['export', 'journal', '-e', 'wiki', '-f', 'csv', '-o', file])
    expect(code).toBe(1)
    expect(stderr).toMatch(/there is no such file or folder.*\(file_unusable\)/)
  })

  test('ends without a word when nobody reads on', async () => {
    const { bin, data } = { bin: '/bin/sh', data: line.folder.path }
    const florin = join(import.meta.dirname, '../../bin/florin')
    const script = `"${florin}" export journal -e wiki -f hledger | head -n 1; "${florin}" verify -e wiki >&-`
    const { stdout, stderr } = await line.run(['-c', script], { bin, data })
    expect({ stdout, stderr }).toEqual({ stdout: 'decimal-mark .\n', stderr: '' })
  })
})

async function someReward(): Promise<string> {
  const entry = (await entries()).find(({ kind, postings }) => kind === 'weekly_reward' && postings.length > 2)
  return must(entry, 'Several people were rewarded in some week').id
}

/** Every reward with who got it, asked of the database. */
async function allRewards(): Promise<{ username: string; entry: string; posting: number; to: string }[]> {
  const people = await line.ask(
    'wiki',
    `select json_object_agg('users:' || id || ':available', username) from identity.person`,
  )
  const usernames: Record<string, string> = JSON.parse(people)
  return (await entries())
    .filter(({ kind }) => kind === 'weekly_reward')
    .flatMap(({ id, postings }) =>
      postings.map(({ to }, posting) => ({
        username: must(usernames[to], 'A wallet is a person’s'),
        entry: id,
        posting,
        to,
      })),
    )
}

/** Amounts as a receipt has them: in minor units, quoted. */
async function rewardsOf(id: string): Promise<Reward[]> {
  const entry = (await entries()).find((other) => other.id === id)
  return must(entry, 'The entry is there').postings.map(({ to, amount }, no) => {
    const [whole = '', fraction = ''] = amount.split('.')
    return { no, to, amount: `"${BigInt(whole + fraction.padEnd(9, '0'))}"` }
  })
}

async function entries(): Promise<Entry[]> {
  const { stdout } = await line.run(['export', 'journal', '-e', 'wiki', '-f', 'jsonl'])
  return stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
}

interface Entry {
  id: string
  kind: string
  postings: { to: string; amount: string }[]
}

interface Reward {
  no: number
  to: string
  amount: string
}

describe('the audit trail', () => {
  const trail = () => line.path('trail.jsonl')

  test('is written as JSON lines and as CSV, all of it or what matches', async () => {
    const written = await line.json(['export', 'audit', '-e', 'wiki', '-f', 'jsonl', '-o', trail()])
    expect(written).toMatchObject({ code: 0, data: { file: trail() } })
    const events = (await readFile(trail(), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text))
    expect(events.length).toBeGreaterThan(1)
    expect(events.every(({ leaf }) => leaf !== null)).toBe(true)

    const csv = await line.run(['export', 'audit', '-e', 'wiki', '-f', 'csv', '--action', 'economy.*'])
    expect(csv.stdout).toMatch(/^leaf,id,at,actor,action,subject,before,after\n\d+,[^\n]*,economy\.\w+,/)
    const none = await line.run(['export', 'audit', '-e', 'wiki', '-f', 'jsonl', '--until', '2000-01-01'])
    expect(none).toMatchObject({ code: 0, stdout: '' })
  })

  test('has events of which each is proven by two files', async () => {
    const [first = ''] = (await readFile(trail(), 'utf8')).split('\n')
    const event = JSON.parse(first)
    const folder = line.path('event')
    const args = ['export', 'proof', '--audit', event.id, '--disclose', 'actor', 'diff', '-e', 'wiki', '-o', folder]
    const { receipt, proof } = (await line.json(args)).data as { receipt: string; proof: string }
    const vkeys = (await line.json(['checkpoint', '-e', 'wiki'])).data['vkeys'] as [string]
    const trust = ['--vkey', vkeys[0]]

    const { code, stdout } = await line.run(['verify-proof', receipt, proof, ...trust], nowhere)
    expect(code).toBe(0)
    expect(stdout).toContain(`Proven: ${event.action} of ${event.subject}\nby the audit event ${event.id}, at`)
    expect(stdout).toContain(`It was done by ${event.actor}.`)

    const altered = (await readFile(receipt, 'utf8')).replace(event.actor, 'cli:nobody')
    await writeFile(receipt, altered)
    expect(await line.run(['verify-proof', receipt, proof, ...trust], nowhere)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(actor_differs)'),
    })
  })

  test('is not proven by half a request', async () => {
    const asked = async (...args: string[]) =>
      (await line.run(['export', 'proof', ...args, '-e', 'wiki', '-o', line.path('none')])).stderr
    const id = '019b8b3a-7c00-7000-8000-000000000001'
    expect(await asked()).toContain('(proof_of_nothing)')
    expect(await asked(id, '--audit', id)).toContain('(proof_of_nothing)')
    expect(await asked('--audit', id, '--disclose', 'metadata')).toContain('(disclosure_impossible)')
    expect(await asked('--audit', id)).toContain('(audit_event_not_found)')
  })
})
