import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { ask, killed, type TestDataFolder, testDataFolder } from '../../test/embedded-postgres.ts'
import { must } from './assert.ts'
import { findPostmaster } from './embedded-postgres-postmaster.ts'
import type { EmbeddedPostgres } from './embedded-postgres.ts'
import { withUser } from './postgres-url.ts'
import { withSession } from './session.ts'

describe('the server of a data folder', () => {
  test('is made on first use, and has its data again the next time', async () => {
    await using folder = await testDataFolder()
    const first = await folder.start()
    expect(first.adopted).toBe(false)
    await ask(first, 'create table promise as select 42 as kept')
    const socketFolder = socketFolderOf(first)
    expect((await stat(socketFolder)).mode & 0o777).toBe(0o700)
    await first.stop()
    await expect(stat(socketFolder)).rejects.toThrow('ENOENT')
    expect(await findPostmaster(await folder.cluster())).toBeUndefined()

    const second = await folder.start()
    expect(second.adopted).toBe(false)
    expect(await ask(second, 'select kept::text from promise')).toBe('42')
    await second.stop()
  })

  test('is set up for a ledger: durable, checked, the same everywhere, and closed to those without the password', async () => {
    await using folder = await testDataFolder()
    const postgres = await folder.start()
    const setting = async (name: string) => await ask(postgres, `select current_setting('${name}')`)
    expect(await setting('fsync')).toBe('on')
    expect(await setting('synchronous_commit')).toBe('on')
    expect(await setting('full_page_writes')).toBe('on')
    expect(await setting('data_checksums')).toBe('on')
    expect(await setting('listen_addresses')).toBe('')
    expect(await setting('max_connections')).toBe('200')
    expect(await setting('shared_buffers')).toBe('256MB')
    expect(await setting('server_encoding')).toBe('UTF8')
    expect(await ask(postgres, `select datlocale from pg_database where datname = 'template1'`)).toBe('C.UTF-8')
    expect(
      await ask(postgres, `select count(*)::text from pg_hba_file_rules where auth_method <> 'scram-sha-256'`),
    ).toBe('0')

    const passwordFile = join(folder.path, 'keys', 'postgres.password')
    expect((await stat(passwordFile)).mode & 0o777).toBe(0o600)
    expect(await readFile(passwordFile, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
    const url = withUser(postgres.adminUrl.reveal(), { user: 'florin_admin', password: 'guess' })
    await expect(withSession({ url }, async () => undefined)).rejects.toThrow('password authentication failed')
    await postgres.stop()
  })
})

describe('a Florin that was killed', () => {
  test('leaves its server running, which the next one adopts and stops', async () => {
    await using folder = await testDataFolder()
    const killedOne = await folder.startElsewhere()
    await killed(killedOne)
    const next = await folder.start()
    expect(next).toMatchObject({ adopted: true, pid: killedOne.pid })
    await next.stop()
    expect(await findPostmaster(await folder.cluster())).toBeUndefined()
  })

  test('does not count as present while the server has yet to notice', async () => {
    await using folder = await testDataFolder()
    const killedOne = await folder.startElsewhere()
    const next = await folder.start()
    const presences = `from pg_stat_activity where application_name = 'florin presence'`
    const session = Number(await ask(next, `select pid::text ${presences} order by backend_start limit 1`))
    await withSession({ url: next.adminUrl.reveal() }, async (client) => {
      process.kill(session, 'SIGSTOP')
      await killed(killedOne)
      const stopping = next.stop()
      const waiting = `select 1 ${presences} and wait_event_type = 'Lock'`
      let seen = false
      for (let tries = 0; !seen && tries < 5000; tries++) seen = (await client.query(waiting)).rowCount === 1
      process.kill(session, 'SIGCONT')
      await stopping
      expect(seen).toBe(true)
    })
    expect(await findPostmaster(await folder.cluster())).toBeUndefined()
  })

  test('in the middle of initdb leaves nothing that the next one takes for data', async () => {
    await using folder = await testDataFolder()
    const process = folder.spawnElsewhere()
    await expect.poll(() => unfinished(folder.path), { interval: 5, timeout: 20_000 }).not.toEqual([])
    await killed({ process })
    expect(await readdir(folder.path)).not.toContain('postgres')

    const next = await folder.start()
    expect(await ask(next, `select 'whole'`)).toBe('whole')
    await next.stop()
    const again = await folder.start()
    expect(await unfinished(folder.path)).toEqual([])
    await again.stop()
  })
})

describe('a server that was killed', () => {
  test('is started again under the same connection string, with everything that was committed', async () => {
    await using folder = await testDataFolder()
    const postgres = await folder.start()
    const { pid, adminUrl } = postgres
    await ask(postgres, 'create table promise as select 42 as kept')
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => postgres.pid, { timeout: 20_000 }).not.toBe(pid)
    expect(postgres.adminUrl.reveal()).toBe(adminUrl.reveal())
    expect(await ask(postgres, 'select kept::text from promise')).toBe('42')
    await postgres.stop()
    expect(await findPostmaster(await folder.cluster())).toBeUndefined()
  })

  test('is started again by one of those who use it, for all of them', async () => {
    await using folder = await testDataFolder()
    const one = await folder.start()
    const two = await folder.start()
    const { pid } = one
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => [one.pid, two.pid], { timeout: 20_000 }).not.toContain(pid)
    expect(one.pid).toBe(two.pid)
    expect(one.adopted).toBe(!two.adopted)
    await one.stop()
    expect(await ask(two, `select 'still there'`)).toBe('still there')
    await two.stop()
  })

  test.runIf(process.platform === 'linux')(
    'does not wait for what it was computing (shown on Linux only)',
    async () => {
      await using folder = await testDataFolder()
      const postgres = await folder.start()
      const { pid } = postgres
      const endless = ask(postgres, 'select count(*) from generate_series(1, 1e15::int8)').catch(String)
      const running = `select count(*)::text from pg_stat_activity where query like '%1e15%' and pid <> pg_backend_pid()`
      await expect.poll(async () => await ask(postgres, running), { timeout: 10_000 }).toBe('1')
      process.kill(pid, 'SIGKILL')
      await expect.poll(() => postgres.pid, { timeout: 10_000 }).not.toBe(pid)
      expect(await endless).toContain('terminated')
      await postgres.stop()
    },
  )

  test('stays dead when Florin stops at that moment', async () => {
    await using folder = await testDataFolder()
    for (const pause_ms of [0, 1, 20, 60]) {
      const postgres = await folder.start()
      process.kill(postgres.pid, 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, pause_ms))
      await postgres.stop()
      expect(await findPostmaster(await folder.cluster())).toBeUndefined()
      await expect(stat(socketFolderOf(postgres))).rejects.toThrow('ENOENT')
    }
  })

  test('and whose pid another program has by now, or a zombie, is started all the same', async () => {
    await using folder = await testDataFolder()
    const killedOne = await folder.startElsewhere()
    const [pidFile, socketLock] = [join(await folder.cluster(), 'postmaster.pid'), await socketLockOf(folder)]
    const { uid, gid } = await stat(pidFile)
    await killed(killedOne)
    process.kill(killedOne.pid, 'SIGKILL')
    const left = await Promise.all([readFile(pidFile, 'utf8'), readFile(socketLock, 'utf8')])

    const script = 'true & echo $!; exec sleep 60'
    const bystander = spawn('/bin/sh', ['-c', script], process.getuid?.() === 0 ? { uid, gid } : {})
    try {
      const zombie = String(await once(bystander.stdout, 'data')).trim()
      for (const pid of [String(bystander.pid), zombie]) {
        const [forCluster, forSocket] = left.map((text) => text.replace(/^\d+/, pid))
        await writeFile(pidFile, must(forCluster, 'The server wrote postmaster.pid.'))
        await mkdir(dirname(socketLock), { recursive: true, mode: 0o700 })
        if (process.getuid?.() === 0) await chown(dirname(socketLock), uid, gid)
        await writeFile(socketLock, must(forSocket, 'The server locked its socket.'))
        const next = await folder.start()
        expect(next.adopted).toBe(false)
        expect(bystander.exitCode).toBeNull()
        await next.stop()
      }
    } finally {
      const gone = once(bystander, 'exit')
      bystander.kill()
      await gone
    }
  })
})

describe('several who use one data folder', () => {
  test('may start at once: one starts the server, the others adopt it', async () => {
    await using folder = await testDataFolder()
    const [here, ...elsewhere] = await Promise.all([folder.start(), folder.startElsewhere(), folder.startElsewhere()])
    const all = [here, ...elsewhere]
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(1)
    expect(all.filter(({ adopted }) => !adopted)).toHaveLength(1)
    await Promise.all(elsewhere.map(async (holder) => await holder.stop()))
    expect(await ask(here, `select 'still there'`)).toBe('still there')
    await here.stop()
    expect(await findPostmaster(await folder.cluster())).toBeUndefined()
  })

  test('may leave at once, and the server is gone after that', async () => {
    await using folder = await testDataFolder()
    const all = await Promise.all([folder.start(), folder.start(), folder.start()])
    await Promise.all(all.map(async (postgres) => await postgres.stop()))
    expect(await findPostmaster(await folder.cluster())).toBeUndefined()
  })

  test('may come while the last one leaves', async () => {
    await using folder = await testDataFolder()
    const leaving = await folder.start()
    const [, coming] = await Promise.all([leaving.stop(), folder.start()])
    expect(await ask(coming, `select 'served'`)).toBe('served')
    await coming.stop()
  })

  test('have one server among them', async () => {
    await using folder = await testDataFolder()
    const [one, two] = [await folder.start(), await folder.start()]
    expect(await one.tryServeLock()).toBe(true)
    expect(await one.tryServeLock()).toBe(true)
    expect(await two.tryServeLock()).toBe(false)
    await one.stop()
    expect(await two.tryServeLock()).toBe(true)
    await two.stop()
  })
})

function socketFolderOf({ adminUrl }: EmbeddedPostgres): string {
  return decodeURIComponent(new URL(adminUrl.reveal()).host)
}

async function socketLockOf(folder: TestDataFolder): Promise<string> {
  const text = await readFile(join(await folder.cluster(), 'postmaster.pid'), 'utf8')
  return join(text.split('\n')[4] ?? '', '.s.PGSQL.5432.lock')
}

async function unfinished(dataDir: string): Promise<string[]> {
  const cluster = await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(() => join(dataDir, 'postgres'))
  const names = await readdir(dirname(cluster)).catch(() => [])
  return names.filter((name) => name.startsWith('postgres.new-'))
}
