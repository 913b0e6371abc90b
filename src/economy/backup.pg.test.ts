import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { adminUrl, TEST_BLUEPRINT, TEST_START, testInstallation } from '../../test/helpers.ts'
import { listEvents } from '../core/audit.ts'
import { manualClock } from '../core/clock.ts'
import { type Db, snapshot, transaction } from '../core/db.ts'
import { withDatabase } from '../core/postgres-url.ts'
import { withSession } from '../core/session.ts'
import type { TarFile } from '../core/tar.ts'
import { createApiKey, createPerson, findPerson } from '../identity/identity.ts'
import { openAccount } from '../ledger/accounts.ts'
import { checkBooks } from '../ledger/invariants.ts'
import { openLog } from '../ledger/log/log.ts'
import { post } from '../ledger/post.ts'
import { type Manifest, readBackupFile, writeBackupFile } from './backup-file.ts'
import { backupEconomy } from './backup.ts'
import { type Control, findEconomy, listEconomies } from './control.ts'
import { createEconomy } from './create.ts'
import { defineParameters } from './define.ts'
import { dropEconomy } from './drop.ts'
import { openEconomy } from './open.ts'
import { restoreEconomy } from './restore.ts'

const BY = { actor: 'cli:ada', now: TEST_START }
const GENESIS = [{ to: 'treasury:main', amount: '1000' }]
const RULES = defineParameters('rules', { quorum: { type: 'integer', description: 'How many.', first: 3 } })
const BLUEPRINT = {
  ...TEST_BLUEPRINT,
  assets: [{ ...TEST_BLUEPRINT.assets[0]!, genesis: GENESIS }],
  parameters: [{ of: RULES, asset: 'TOK' }],
}
const NASTY = 'tab\tline\nback\\slash \\N "quote" \u{1f4b0} \u0001'

async function withEconomy<T>(control: Control, name: string, work: (db: Db) => Promise<T>): Promise<T> {
  const record = await findEconomy(control, name)
  const clock = manualClock(TEST_START)
  const economy = await openEconomy(control, record, { blueprints: [BLUEPRINT], clock, connections_max: 2 })
  try {
    return await work(economy.db)
  } finally {
    await economy.db.destroy()
  }
}

/** An economy with something in it that a careless copy would change. */
async function createLively(control: Control, name: string): Promise<void> {
  await createEconomy(control, { name, blueprint: BLUEPRINT, ...BY })
  await withEconomy(control, name, async (db) => {
    await transaction(db, async (tx) => {
      await createPerson(tx, { username: NASTY, ...BY })
      await createApiKey(tx, { name: 'ci', role: 'auditor', ...BY })
      await openAccount(tx, { path: 'world:out', asset: 'TOK', ...BY })
    })
    for (const key of ['a', 'b', 'c']) {
      const postings = [{ from: 'treasury:main', to: 'world:out', asset: 'TOK', amount: 7n }]
      const entry = { kind: 'transfer', key, metadata: { note: NASTY, key }, postings }
      await transaction(
        db,
        async (tx) => await post(tx, [entry, { reserve: 5n, on: 'treasury:main', asset: 'TOK' }], BY),
      )
    }
    const { signingKey, checkpoints } = {
      signingKey: join(control.data, 'k.pem'),
      checkpoints: join(control.data, 'c'),
    }
    const { sealer } = await openLog(db, { signingKey, checkpoints, clock: manualClock(TEST_START) })
    await sealer.sealAll()
  })
}

async function postOne(db: Db): Promise<void> {
  const entry = { kind: 'transfer', postings: [{ from: 'treasury:main', to: 'world:out', asset: 'TOK', amount: 1n }] }
  await transaction(db, async (tx) => await post(tx, [entry], BY))
}

/** What there is of everything: a digest of each table's rows, and every policy, trigger, constraint and grant. */
async function fingerprint(control: Control, name: string): Promise<Map<string, string>> {
  const { database } = await findEconomy(control, name)
  return await withSession({ url: withDatabase(adminUrl(), database) }, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select schemaname || '.' || tablename as name from pg_tables where schemaname !~ '^(pg_|information_schema|florin)'`,
    )
    const queries = tables.map((table) => [table.name, `select t::text as it from ${table.name} as t`])
    queries.push(
      [
        'policies',
        'select schemaname, tablename, policyname, cmd, qual, with_check, array_length(roles, 1) from pg_policies',
      ],
      [
        'triggers',
        'select tgrelid::regclass, tgname, tgenabled, tgtype, tgfoid::regproc from pg_trigger where not tgisinternal',
      ],
      ['security', `select oid::regclass, relrowsecurity, relforcerowsecurity from pg_class where relkind = 'r'`],
      ['constraints', 'select conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated from pg_constraint'],
      ['indexes', 'select schemaname, indexname, indexdef from pg_indexes'],
      [
        'grants',
        `select oid::regclass, regexp_replace(relacl::text, '_${name}', '', 'g') from pg_class where relkind in ('r', 'v', 'S')`,
      ],
    )
    const digests = new Map<string, string>()
    for (const [what, query] of queries) {
      const digest = `select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') || count(*) as digest from (${query}) as t`
      const { rows } = await client.query<{ digest: string }>(digest)
      digests.set(what!, rows[0]!.digest)
    }
    return digests
  })
}

/** The backup at `path` once more, with its files changed, and its manifest. */
async function forged(path: string, change: (file: TarFile) => TarFile | undefined): Promise<string> {
  const other = `${path}-${Math.random()}`
  async function* files() {
    for await (const file of readBackupFile(path)) {
      const changed = change(file)
      if (changed) yield changed
    }
  }
  await writeBackupFile(other, files(), TEST_START)
  return other
}

function changedManifest(change: (manifest: Manifest) => object) {
  return (file: TarFile) => {
    if (file.name !== 'manifest.json') return file
    const manifest = JSON.parse(file.content.toString()) as Manifest
    return { ...file, content: Buffer.from(JSON.stringify({ ...manifest, ...change(manifest) })) }
  }
}

test('a restored economy is the same to the last row, and goes on', async () => {
  await using t = await testInstallation()
  await createLively(t.control, 'wiki')
  const path = join(t.installation.data, 'wiki.backup')
  const before = await fingerprint(t.control, 'wiki')
  const written = await backupEconomy(t.control, { name: 'wiki', path, now: TEST_START })
  expect(written).toMatchObject({ economy: 'wiki', blueprint: 'test', log: { height: '0' } })

  const restored = await restoreEconomy(t.control, { path, name: 'copy', ...BY })

  expect(restored).toEqual(written)
  const after = await fingerprint(t.control, 'copy')
  // What is new: the lines that say that it was restored, and the name of its log, which is not the original's.
  const renewed = ['audit.event', 'ledger.log']
  for (const what of renewed) expect(after.get(what)).not.toBe(before.get(what))
  expect(new Map([...after].filter(([what]) => !renewed.includes(what)))).toEqual(
    new Map([...before].filter(([what]) => !renewed.includes(what))),
  )
  await withEconomy(t.control, 'copy', async (db) => {
    await postOne(db)
    expect(await snapshot(db, checkBooks)).toEqual([])
    expect(await findPerson(db, { username: NASTY })).toMatchObject({ joined_at: TEST_START })
    expect(await listEvents(db, { limit: 1, action: 'economy.restore' })).toMatchObject([
      {
        actor: 'cli:ada',
        subject: 'economy:copy',
        diff: { after: { backup_of: 'wiki', tree_size: restored.log!.tree_size } },
      },
    ])
    await expect(sql`delete from ledger.entry`.execute(db)).rejects.toThrow('permission denied')
  })
})

test('a backup is of one moment, whatever is posted meanwhile', async () => {
  await using t = await testInstallation()
  await createLively(t.control, 'wiki')
  const path = join(t.installation.data, 'wiki.backup')
  await withEconomy(t.control, 'wiki', async (db) => {
    const backup = { running: true }
    const posting = (async () => {
      while (backup.running) await postOne(db)
    })()
    await backupEconomy(t.control, { name: 'wiki', path, now: TEST_START })
    backup.running = false
    await posting
  })
  await restoreEconomy(t.control, { path, name: 'copy', ...BY })
  await withEconomy(t.control, 'copy', async (db) => expect(await snapshot(db, checkBooks)).toEqual([]))
})

test('a dropped economy comes back from its backup under its own name', async () => {
  await using t = await testInstallation()
  await createLively(t.control, 'wiki')
  const path = join(t.installation.data, 'wiki.backup')
  await backupEconomy(t.control, { name: 'wiki', path, now: TEST_START })
  await expect(restoreEconomy(t.control, { path, ...BY })).rejects.toMatchObject({ code: 'economy_exists' })
  await dropEconomy(t.control, { name: 'wiki', confirm: 'wiki', now: TEST_START })
  await restoreEconomy(t.control, { path, ...BY })
  await withEconomy(t.control, 'wiki', async (db) => expect(await snapshot(db, checkBooks)).toEqual([]))
})

test('a backup never replaces a file, and a failed one leaves none', async () => {
  await using t = await testInstallation()
  await createLively(t.control, 'wiki')
  const path = join(t.installation.data, 'wiki.backup')
  await writeFile(path, 'precious')
  await expect(backupEconomy(t.control, { name: 'wiki', path, now: TEST_START })).rejects.toMatchObject({
    code: 'file_exists',
  })
  expect(await readFile(path, 'utf8')).toBe('precious')
  await expect(backupEconomy(t.control, { name: 'none', path, now: TEST_START })).rejects.toMatchObject({
    code: 'economy_not_found',
  })
})

test('a file that is damaged anywhere is refused before anything is made', async () => {
  await using t = await testInstallation()
  await createLively(t.control, 'wiki')
  const path = join(t.installation.data, 'wiki.backup')
  await backupEconomy(t.control, { name: 'wiki', path, now: TEST_START })
  const whole = await readFile(path)
  const damaged = join(t.installation.data, 'damaged')
  const refused = async (bytes: Buffer) => {
    await writeFile(damaged, bytes)
    await expect(restoreEconomy(t.control, { path: damaged, name: 'copy', ...BY })).rejects.toMatchObject({
      code: 'backup_damaged',
    })
  }
  for (let i = 0; i < 40; i++) {
    const bytes = Buffer.from(whole)
    // The first ten bytes are gzip's header, some of which mean nothing.
    bytes[10 + Math.floor(((whole.length - 10) * i) / 40)]! ^= 0x10
    // A changed byte may be read as the same text from elsewhere: nothing is lost then.
    if (!unzipsTo(bytes, gunzipSync(whole))) await refused(bytes)
  }
  for (const end of [0, 1, 100, whole.length >> 1, whole.length - 1]) await refused(whole.subarray(0, end))
  await refused(Buffer.from('no archive at all'))
  expect((await listEconomies(t.control)).map(({ name }) => name)).toEqual(['wiki'])
  await expect(restoreEconomy(t.control, { path: join(t.installation.data, 'none'), ...BY })).rejects.toMatchObject({
    code: 'file_not_found',
  })
})

test('a file that was put together anew is held to its manifest', async () => {
  await using t = await testInstallation()
  await createLively(t.control, 'wiki')
  const path = join(t.installation.data, 'wiki.backup')
  await backupEconomy(t.control, { name: 'wiki', path, now: TEST_START })
  const forgeries: [string, (file: TarFile) => TarFile | undefined, string][] = [
    ['a table is gone', (file) => (file.name.startsWith('ledger.entry.') ? undefined : file), 'backup_damaged'],
    ['a row is gone', (file) => shortened(file, 'ledger.posting.'), 'backup_damaged'],
    ['a byte is another', (file) => altered(file, 'ledger.account.'), 'backup_damaged'],
    ['the manifest is gone', (file) => (file.name === 'manifest.json' ? undefined : file), 'backup_damaged'],
    [
      'a strange file',
      (file) => (file.name.startsWith('ledger.entry.') ? { ...file, name: 'x.sh' } : file),
      'backup_damaged',
    ],
    ['another format', changedManifest(() => ({ format: 2 })), 'backup_newer'],
    [
      'names that are no names',
      changedManifest(({ tables }) => ({ tables: [{ ...tables[0]!, name: 'a; drop' }] })),
      'backup_damaged',
    ],
    [
      'migrations to come',
      changedManifest(({ migrations }) => ({
        migrations: [...migrations, { id: 9999, name: '9999-x.sql', hash: 'x' }],
      })),
      'backup_newer',
    ],
    [
      'other migrations',
      changedManifest(({ migrations }) => ({ migrations: [{ ...migrations[0]!, hash: 'x' }] })),
      'migration_altered',
    ],
  ]
  for (const [what, change, code] of forgeries) {
    const other = await forged(path, change)
    await expect(restoreEconomy(t.control, { path: other, name: 'copy', ...BY }), what).rejects.toMatchObject({ code })
  }
  expect((await listEconomies(t.control)).map(({ name }) => name)).toEqual(['wiki'])
})

test('a restore that fails halfway leaves no economy, and the name is free', async () => {
  await using t = await testInstallation()
  await createLively(t.control, 'wiki')
  const path = join(t.installation.data, 'wiki.backup')
  await backupEconomy(t.control, { name: 'wiki', path, now: TEST_START })
  // The tables of an older schema than the manifest says: whole as a file, wrong as an economy.
  const wrong = await forged(
    path,
    changedManifest(({ tables }) => ({
      tables: tables.map((table) => ({ ...table, columns: table.columns.slice(1) })),
    })),
  )
  await expect(restoreEconomy(t.control, { path: wrong, name: 'copy', ...BY })).rejects.toThrow()
  const left = await withSession({ url: adminUrl() }, async (client) => {
    const { rows } = await client.query(`select datname from pg_database where datname = 'florin_${t.control.id}_copy'`)
    return rows
  })
  expect(left).toEqual([])
  await restoreEconomy(t.control, { path, name: 'copy', ...BY })
})

function unzipsTo(bytes: Buffer, content: Buffer): boolean {
  try {
    return gunzipSync(bytes).equals(content)
  } catch {
    return false
  }
}

function shortened(file: TarFile, prefix: string): TarFile {
  if (!file.name.startsWith(prefix)) return file
  return { ...file, content: file.content.subarray(file.content.indexOf('\n') + 1) }
}

function altered(file: TarFile, prefix: string): TarFile {
  if (!file.name.startsWith(prefix)) return file
  return { ...file, content: Buffer.from(file.content.toString('latin1').replace('treasury', 'treasurx'), 'latin1') }
}
