import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { PROJECT_ROOT, readConfig } from '../src/config.ts'
import { migrate, quoteName, type Roles } from '../src/core/migrate.ts'
import { withDatabase } from '../src/core/postgres-url.ts'
import { secret } from '../src/core/secret.ts'
import { withSession } from '../src/core/session.ts'
import { dropRoles, ensureRoles, rolesOf } from '../src/economy/roles.ts'

/*
 * What the migrations make, written out for people and for the compiler: `schema.sql` beside them, and Kysely's types.
 * `--check` writes nothing and fails where the files differ. Needs pg_dump and a PostgreSQL server at DATABASE_URL, of
 * the same major version (Debian 12: apt-get install postgresql).
 */

const run = promisify(execFile)

const TARGETS = [
  { folder: 'migrations', types: 'src/core/schema.gen.ts' },
  { folder: 'migrations/control', types: 'src/economy/control-schema.gen.ts' },
]

const CODEGEN = [
  ['--dialect', 'postgres'],
  ['--default-schema', 'none'],
  ['--exclude-pattern', 'florin.*'],
  [
    '--type-mapping',
    '{"int8":"bigint","numeric":"bigint","timestamptz":"Date","date":"string","bytea":"Buffer","jsonb":"unknown"}',
  ],
  ['--log-level', 'error'],
].flat()

const check = process.argv.includes('--check')
const { database } = readConfig()
if (!database) throw new Error('Set DATABASE_URL to a PostgreSQL server on which databases and roles may be created.')
const server = database.direct_url.reveal()
const installation = randomBytes(3).toString('hex')
const roles = rolesOf(installation, 'dump')
const scratch = `florin_${installation}_dump`

await withSession({ url: server }, async (client) => {
  await ensureRoles(client, { roles, password: secret(randomBytes(32).toString('hex')) })
})
try {
  let differs = false
  for (const { folder, types } of TARGETS) {
    const made = await describe(folder)
    if (await settle(join(folder, 'schema.sql'), made.schema)) differs = true
    if (await settle(types, made.types)) differs = true
  }
  if (differs && check) {
    console.error('\nRun "npm run db:dump" and commit what it writes.')
    process.exitCode = 1
  }
} finally {
  await withSession({ url: server }, async (client) => {
    await client.query(`drop database if exists ${scratch}`)
    await dropRoles(client, roles)
    await client.query(`drop role ${quoteName(roles.owner)}`)
  })
}

/** The schema and the types of a database made by the migrations in `folder`. */
async function describe(folder: string): Promise<{ schema: string; types: string }> {
  await withSession({ url: server }, async (client) => {
    await client.query(`drop database if exists ${scratch}`)
    await client.query(`create database ${scratch} template template0 encoding 'UTF8' locale 'C' owner ${roles.owner}`)
  })
  const url = withDatabase(server, scratch)
  await withSession({ url }, async (client) => {
    await migrate(client, { folder: join(PROJECT_ROOT, folder), roles })
  })
  const options = { cwd: PROJECT_ROOT, maxBuffer: 64 * 1024 * 1024 }
  const dump = await run('pg_dump', ['--schema-only', '--no-owner', '--exclude-schema=florin', url], options)
  const codegen = await run(
    process.execPath,
    [join(PROJECT_ROOT, 'node_modules/kysely-codegen/dist/cli/bin.js'), ...CODEGEN, '--print', '--url', url],
    options,
  )
  return { schema: normalise(dump.stdout, roles), types: codegen.stdout }
}

/** Without what depends on the server's version or on this run: settings, comments, tokens, role names. */
function normalise(dump: string, { owner, service, member }: Roles): string {
  const statements = dump
    .split('\n')
    .filter((line) => !/^(--|SET |\\|SELECT pg_catalog\.set_config)/.test(line))
    .join('\n')
    .replaceAll(owner, ':owner')
    .replaceAll(service, ':service')
    .replaceAll(member, ':member')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
  return `-- Written by "npm run db:dump" from the migrations; read it, do not change it.\n\n${statements}\n`
}

/** Brings the file up to date, or shows how it differs when only checking. Returns whether it was out of date. */
async function settle(path: string, text: string): Promise<boolean> {
  const file = join(PROJECT_ROOT, path)
  const committed = await readFile(file, 'utf8').catch(() => '')
  if (committed === text) return false
  if (check) console.error(await difference(file, text))
  else await writeFile(file, text)
  console.log(`${path} ${check ? 'is out of date' : 'written'}`)
  return true
}

async function difference(file: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'florin-dump-'))
  try {
    const expected = join(folder, 'expected')
    await writeFile(expected, text)
    const { stdout } = await run('diff', ['-uN', file, expected]).catch((error: { stdout: string }) => error)
    return stdout
  } finally {
    await rm(folder, { recursive: true })
  }
}
