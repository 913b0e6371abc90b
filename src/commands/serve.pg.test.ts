import { createServer } from 'node:net'

import { afterEach, describe, expect, test } from 'vitest'

import { testDataFolder } from '../../test/embedded-postgres.ts'
import { florin, type Running, startFlorin, until } from '../../test/florin.ts'
import { findPostmaster } from '../core/embedded-postgres-postmaster.ts'

describe('florin serve --demo', () => {
  test('is ready with a history, a key and three commands that work as they are printed', async () => {
    await using folder = await testDataFolder()
    const server = serve(folder.path, ['--demo'])
    const { text } = await ready(server)
    expect(text).toMatch(/^ {2}export KEY=fl_[\w-]{43}$/m)
    const answers = await runPrinted(text)

    expect(JSON.parse(answers[0]!)).toMatchObject({ data: [{ username: expect.any(String) }, {}, {}] })
    expect(JSON.parse(answers[1]!)).toMatchObject({ results: [{ status: 'posted' }] })
    expect(answers[2]).toMatch(/^florin-[0-9a-f]{6}\/kontrib\n\d+\n/)

    // The second start has the same economy, and makes no other key.
    expect(await stop(server, 'SIGINT')).toMatchObject({ code: 0 })
    const again = serve(folder.path, ['--demo'])
    const second = await ready(again)
    expect(second.text).not.toContain('KEY=fl_')
    const keys = await florin(['key', 'list', '-e', 'kontrib', '--json'], { data: folder.path })
    expect(JSON.parse(keys.stdout)).toMatchObject({ keys: [{ role: 'owner', name: 'first start' }] })
    expect((await fetch(`${second.address}/v1/kontrib/ledger/checkpoint`)).status).toBe(200)
    expect(await stop(again, 'SIGTERM')).toMatchObject({ code: 0 })
    expect(await findPostmaster(await folder.cluster())).toBeUndefined()
  })

  test('goes on where it was killed on its first start', async () => {
    await using folder = await testDataFolder()
    const killed = serve(folder.path, ['--demo'])
    await until(() => killed.seen.stderr.includes('First start'))
    killed.child.kill('SIGKILL')
    await killed.ended
    const server = serve(folder.path, ['--demo'])
    const { text } = await ready(server)
    expect(text).toContain('KEY=fl_')
    await stop(server, 'SIGINT')
    const verified = await florin(['verify', '-e', 'kontrib'], { data: folder.path })
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^kontrib holds: \d{3} entries/) })
  })
})

describe('florin serve', () => {
  test('answers with JSON where JSON was asked for, and stops within a moment', async () => {
    await using folder = await testDataFolder()
    const server = serve(folder.path, ['--json'])
    await until(() => server.seen.stdout.includes('\n'))
    expect(JSON.parse(server.seen.stdout)).toEqual({ address: expect.stringMatching(/^http:/), economies: [] })
    expect(await stop(server, 'SIGTERM')).toMatchObject({ code: 0, stdout: server.seen.stdout })
  })

  test('is refused a data folder that another one serves, and lets the command line in', async () => {
    await using folder = await testDataFolder()
    const server = serve(folder.path, [])
    const { address } = await ready(server)
    const second = await florin(['serve'], { data: folder.path, env: { PORT: '0' } })
    expect(second).toMatchObject({ code: 1, stdout: '' })
    expect(second.stderr).toMatch(
      /^florin: Another Florin serves .* already\. Stop that one first, .*\(already_serving\)\n$/,
    )

    expect(await florin(['economy', 'create', 'wiki', '-b', 'kontrib'], { data: folder.path })).toMatchObject({
      code: 0,
    })
    await until(async () => (await fetch(`${address}/v1/wiki/ledger/checkpoint`)).status === 200)
    expect(await stop(server, 'SIGINT')).toMatchObject({ code: 0 })
  })

  test('says what to do when its port is taken', async () => {
    await using folder = await testDataFolder()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const taken = other.address()
    const PORT = String(typeof taken === 'object' && taken?.port)
    const { code, stderr } = await florin(['serve'], { data: folder.path, env: { PORT } })
    other.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^florin: Cannot listen on 127\.0\.0\.1:\d+: .* set PORT to another port .*\(address_unusable\)$/m,
    )
    expect(await findPostmaster(await folder.cluster())).toBeUndefined()
  })
})

const servers: Running[] = []

afterEach(async () => {
  // One that a failed test left would keep its data folder in use.
  for (const { child, ended } of servers.splice(0)) {
    child.kill('SIGKILL')
    await ended
  }
})

function serve(data: string, args: readonly string[]): Running {
  const server = startFlorin(['serve', ...args], { data, env: { PORT: '0' } })
  servers.push(server)
  return server
}

async function ready(server: Running): Promise<{ text: string; address: string }> {
  await until(() => /Stop with Ctrl-C\.\n/.test(server.seen.stdout) || server.child.exitCode !== null)
  const [, address] = /Florin serves at (http:\S+)/.exec(server.seen.stdout) ?? []
  if (address === undefined) throw new Error(`The server did not start: ${server.seen.stderr}`)
  return { text: server.seen.stdout, address }
}

async function stop(server: Running, signal: NodeJS.Signals) {
  server.child.kill(signal)
  return await server.ended
}

/** What the printed commands answer, in a shell of their own, as somebody would paste them. */
async function runPrinted(text: string): Promise<string[]> {
  const [given] = /^ {2}export KEY=.*$/m.exec(text) ?? ['']
  const commands = [...text.matchAll(/^ +(curl .*)$/gm)].map(([, command]) => command ?? '')
  expect(commands).toHaveLength(3)
  const answers: string[] = []
  for (const command of commands) {
    const answer = await florin(['-c', `${given}\n${command}`], { bin: '/bin/sh' })
    expect(answer).toMatchObject({ code: 0, stderr: '' })
    answers.push(answer.stdout)
  }
  return answers
}
