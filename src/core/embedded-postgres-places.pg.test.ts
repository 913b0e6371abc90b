import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { ask, killed, testDataFolder } from '../../test/embedded-postgres.ts'
import { findBinaries } from './embedded-postgres-binaries.ts'
import { ensureOsUser, osUserOf, runAs } from './embedded-postgres-user.ts'

const isRoot = process.getuid?.() === 0
const ofPackage = `@embedded-postgres/${process.platform}-${process.arch}`
const native = join(dirname(createRequire(import.meta.url).resolve(ofPackage)), '..', 'native')

describe('a data folder', () => {
  test.for([
    ['spaces and quotes', `it's "my" data; $HOME \`x\` % folder`],
    ['a very long path', Array.from({ length: 8 }, (_, i) => `${i}`.repeat(60)).join('/')],
  ])('may have %s', async ([, within = '']) => {
    await using folder = await testDataFolder({ within })
    const postgres = await folder.start()
    expect(await ask(postgres, `select current_setting('data_directory')`)).toBe(join(folder.path, 'postgres'))
    await postgres.stop()
  })

  test('may be moved while the server runs', async () => {
    await using folder = await testDataFolder()
    await using moved = await testDataFolder()
    const holder = await folder.startElsewhere()
    await rename(folder.path, moved.path)
    const postgres = await moved.start()
    expect(postgres).toMatchObject({ adopted: true, pid: holder.pid })
    await killed(holder)
    await postgres.stop()
  })

  test.runIf(isRoot)(
    'that PostgreSQL cannot reach has the files of PostgreSQL elsewhere (shown as root only)',
    async () => {
      await using folder = await testDataFolder({ within: 'closed' })
      await mkdir(join(folder.root, 'closed'), { mode: 0o700 })
      const postgres = await folder.start()
      const cluster = await folder.cluster()
      expect(cluster).toMatch(/^\/var\/lib\/florin\/[0-9a-f]{12}-/)
      expect((await stat(cluster)).mode & 0o777).toBe(0o700)
      await ask(postgres, 'create table promise as select 42 as kept')
      await postgres.stop()

      const again = await folder.start()
      expect(await ask(again, 'select kept::text from promise')).toBe('42')
      await again.stop()
      await rm(dirname(cluster), { recursive: true })
      await expect(folder.start()).rejects.toMatchObject({ code: 'postgres_data_missing' })
      expect(await readdir(folder.path)).toContain('postgres.location')
    },
  )

  test.runIf(isRoot)('belongs to the OS user postgres when root makes it (shown as root only)', async () => {
    await using folder = await testDataFolder()
    const postgres = await folder.start()
    const { uid } = await ensureOsUser('postgres')
    expect((await stat(join(folder.path, 'postgres'))).uid).toBe(uid)
    expect(await osUserOf(join(folder.path, 'postgres'))).toMatchObject({ uid })
    await postgres.stop()
  })
})

describe('a data folder that cannot be used says what to do', () => {
  test('when it is a file', async () => {
    await using folder = await testDataFolder()
    await writeFile(folder.path, 'not a folder')
    await expect(folder.start()).rejects.toMatchObject({ code: 'data_folder_unusable' })
    await rm(folder.path)
  })

  test('when its path has a line break or is longer than PostgreSQL can hold', async () => {
    await using broken = await testDataFolder({ within: 'two\nlines' })
    await expect(broken.start()).rejects.toMatchObject({ code: 'data_folder_unusable' })
    await using long = await testDataFolder({ within: Array.from({ length: 5 }, () => 'x'.repeat(200)).join('/') })
    await expect(long.start()).rejects.toMatchObject({ code: 'data_folder_unusable' })
  })

  test('when what is in its place is not PostgreSQL', async () => {
    await using folder = await testDataFolder()
    await mkdir(join(folder.path, 'postgres'), { recursive: true })
    await writeFile(join(folder.path, 'postgres', 'notes.txt'), 'mine')
    await expect(folder.start()).rejects.toMatchObject({ code: 'postgres_data_foreign' })
    expect(await readFile(join(folder.path, 'postgres', 'notes.txt'), 'utf8')).toBe('mine')
  })

  test('when another major version made it, its password is gone, or is that of another folder', async () => {
    await using folder = await testDataFolder()
    await (await folder.start()).stop()
    const version = join(await folder.cluster(), 'PG_VERSION')
    const made = await readFile(version, 'utf8')
    await writeFile(version, '17\n')
    await expect(folder.start()).rejects.toMatchObject({ code: 'postgres_data_version', params: { made: 17 } })
    await writeFile(version, made)

    const passwordFile = join(folder.path, 'keys', 'postgres.password')
    const password = await readFile(passwordFile, 'utf8')
    await writeFile(passwordFile, `${'0'.repeat(64)}\n`)
    await expect(folder.start()).rejects.toMatchObject({ code: 'postgres_data_foreign' })
    await rm(passwordFile)
    await expect(folder.start()).rejects.toMatchObject({ code: 'postgres_password_missing' })
    await writeFile(passwordFile, password, { mode: 0o600 })
    await (await folder.start()).stop()
  })
})

describe('the programs', () => {
  test('are used where npm put them when they run there', async () => {
    const user = await osUserOf(undefined)
    const found = await findBinaries({ user })
    const reachable = (await runAs(user, join(native, 'bin', 'postgres'), ['--version'])).ok
    expect(found.postgres.startsWith(native)).toBe(reachable)
    expect(found.major).toBe(18)
  })

  test('are copied, whole and once, when they are out of reach and were installed without links', async () => {
    await using folder = await testDataFolder()
    const closed = join(folder.root, 'a "quoted" checkout', 'native')
    await cp(join(native, '..', 'package.json'), join(closed, '..', 'package.json'))
    await cp(native, closed, { recursive: true, filter: async (path) => !(await isLink(path)) })
    await chmod(join(closed, '..'), 0o700)

    const user = await osUserOf(undefined)
    const cache = join(folder.root, 'cache')
    const places = { user, native: closed, cache }
    const [one, two] = await Promise.all([findBinaries(places), findBinaries(places)])
    expect(one).toEqual(two)
    expect(dirname(dirname(dirname(one.postgres)))).toBe(cache)
    expect(await readdir(cache)).toHaveLength(1)
    expect((await runAs(user, one.initdb, ['--version'])).ok).toBe(true)

    await chmod(cache, 0o777)
    await expect(findBinaries(places)).rejects.toMatchObject({ code: 'postgres_binaries_broken' })
  })

  test.runIf(isRoot)('run as an OS user that is made when it is missing (shown as root only)', async () => {
    const name = `florin-test-${process.pid}`
    try {
      const made = await ensureOsUser(name)
      expect(made.uid).toBeGreaterThan(0)
      expect(await ensureOsUser(name)).toEqual(made)
      expect((await runAs(made, 'id', ['-u'])).output).toBe(String(made.uid))
    } finally {
      await runAs(undefined, 'userdel', [name])
    }
  })

  test('see nothing of our environment', async () => {
    const { output } = await runAs(undefined, '/usr/bin/env', [])
    expect(output.split('\n').map((line) => line.split('=')[0])).toEqual(['PATH', 'LC_ALL'])
  })
})

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path)).isSymbolicLink()
}
