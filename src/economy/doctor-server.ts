import type { Client } from 'pg'

import { must } from '../core/assert.ts'
import type { Clock } from '../core/clock.ts'
import { quoteName } from '../core/migrate.ts'
import { describeUrl } from '../core/postgres-url.ts'
import { withSession } from '../core/session.ts'
import { type DiagnoseOptions, type Finding, sentence } from './doctor-finding.ts'

/** The database server: can it be reached, is it new enough, what may we do there, is it safe with our data? */
export async function examineServer({ installation, clock, connections_max }: DiagnoseOptions): Promise<Finding[]> {
  const url = installation.server.directUrl.reveal()
  try {
    return await withSession({ url, name: 'florin doctor' }, async (client) => {
      const facts = await readFacts(client)
      return [
        examineVersion(facts),
        ...examineRights(facts),
        ...examineSettings(facts),
        examineConnections(facts, connections_max),
        await examineClock(client, clock),
      ]
    })
  } catch (error) {
    const message = `${describeUrl(url)} cannot be reached: ${sentence(error)} Check DATABASE_URL, and that the server runs.`
    return [{ level: 'problem', code: 'database_unreachable', subject, message }]
  }
}

const subject = 'database server'
const VERSION_MIN = 15
const CLOCK_SKEW_MAX_MS = 2_000
/** What Florin uses beside the economies' own: the control database, migrations, locks, a backup. */
const CONNECTIONS_BESIDE = 10
/** With these off, the server answers before what it answers for is safe. */
const DURABLE = ['fsync', 'full_page_writes', 'synchronous_commit'] as const

interface Facts {
  me: string
  superuser: boolean
  createdb: boolean
  createrole: boolean
  version: string
  version_num: number
  max_connections: number
  fsync: string
  full_page_writes: string
  synchronous_commit: string
}

async function readFacts(client: Client): Promise<Facts> {
  const { rows } = await client.query<Facts>(
    `select
      rolname as me,
      rolsuper as superuser,
      rolcreatedb as createdb,
      rolcreaterole as createrole,
      current_setting('server_version') as version,
      current_setting('server_version_num')::int as version_num,
      current_setting('max_connections')::int as max_connections,
      current_setting('fsync') as fsync,
      current_setting('full_page_writes') as full_page_writes,
      current_setting('synchronous_commit') as synchronous_commit
    from pg_roles
    where rolname = current_user`,
  )
  return must(rows[0], 'There is always a current user.')
}

function examineVersion({ version, version_num }: Facts): Finding {
  if (version_num >= VERSION_MIN * 10_000) {
    return { level: 'ok', code: 'server_version', subject, message: `PostgreSQL ${version}.` }
  }
  const message = `PostgreSQL ${version} is too old. Florin needs ${VERSION_MIN} or newer.`
  return { level: 'problem', code: 'server_too_old', subject, message }
}

function examineRights({ me, superuser, ...rights }: Facts): Finding[] {
  const missing = (['createdb', 'createrole'] as const).filter((right) => !superuser && !rights[right])
  if (missing.length === 0) {
    return [{ level: 'ok', code: 'server_rights', subject, message: `${me} may create databases and roles.` }]
  }
  return missing.map((right) => {
    const what = right === 'createdb' ? 'databases' : 'roles'
    const sql = [`alter role ${quoteName(me)} ${right}`]
    const message = `${me} may not create ${what}. Give it the right, or make them by hand (docs/operations.md).`
    return { level: 'warning', code: `${right}_missing`, subject, message, sql }
  })
}

function examineSettings(facts: Facts): Finding[] {
  return DURABLE.filter((name) => facts[name] === 'off').map((name) => ({
    level: 'warning',
    code: `${name}_off`,
    subject,
    message: `${name} is off: what was answered can be lost in a crash. Set it to on.`,
  }))
}

function examineConnections({ max_connections }: Facts, connections_max: number): Finding {
  const needed = connections_max + CONNECTIONS_BESIDE
  if (max_connections >= needed) {
    return { level: 'ok', code: 'server_connections', subject, message: `${max_connections} connections are allowed.` }
  }
  const message = `The server allows ${max_connections} connections, and Florin may use ${needed}. Raise max_connections or lower FLORIN_DB_CONNECTIONS.`
  return { level: 'warning', code: 'connections_scarce', subject, message }
}

async function examineClock(client: Client, clock: Clock): Promise<Finding> {
  const before = clock.now()
  const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now')
  const after = clock.now()
  const theirs = must(rows[0], 'This query has one row.').now
  // Their answer was made between the two.
  const skew_ms = Math.max(before.getTime() - theirs.getTime(), theirs.getTime() - after.getTime(), 0)
  if (skew_ms <= CLOCK_SKEW_MAX_MS) {
    return { level: 'ok', code: 'clocks_agree', subject, message: 'Its clock agrees with this machine’s.' }
  }
  const message = `Its clock is ${(skew_ms / 1_000).toFixed(1)} s off this machine’s. Let both follow NTP: deadlines go by them.`
  return { level: 'warning', code: 'clock_skewed', subject, message }
}
