import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

import type { Client } from 'pg'

import { must } from '../core/assert.ts'
import { isPgError, PG } from '../core/db.ts'
import { Unavailable } from '../core/errors.ts'
import { quoteName, type Roles } from '../core/migrate.ts'
import { type Secret, secret } from '../core/secret.ts'

/**
 * An economy's roles. Roles belong to the whole server, so their names carry the installation's id: the owner of all
 * tables (one an installation, never logs in), the one that the server works as, and the one that members read as.
 */
export function rolesOf(installation: string, economy: string): Roles {
  return {
    owner: `florin_${installation}_owner`,
    service: `florin_${installation}_service_${economy}`,
    member: `florin_${installation}_member_${economy}`,
  }
}

/** The service's password: derived, so that it is stored nowhere and every server with the secret knows it. */
export function servicePassword(installationSecret: Secret, role: string): Secret {
  return derivedSecret(installationSecret, role)
}

/** A secret for one purpose, of which no other can be told. */
export function derivedSecret(installationSecret: Secret, purpose: string): Secret {
  return secret(createHmac('sha256', installationSecret.reveal()).update(purpose).digest('hex'))
}

/**
 * Creates what is missing of `roles` and lets the current user act as owner and service. Changes nothing when all is
 * there, so that roles made by hand will do. The caller holds the installation's lock on roles.
 * Fails: roles_missing, with the SQL for somebody who may create them.
 */
export async function ensureRoles(client: Client, { roles, password }: RoleOptions): Promise<void> {
  const statements = await missingRoles(client, { roles, password })
  await client.query('begin')
  try {
    for (const statement of statements) await client.query(statement)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    if (!isPgError(error, PG.insufficient_privilege)) throw error
    throw new Unavailable(
      'roles_missing',
      `The database user may not create roles. Have an administrator of the database server run: ${statements.join('; ')};`,
      { sql: statements },
    )
  }
}

/** The statements that `ensureRoles` would run. They carry no password, only what it is verified with. */
export async function missingRoles(client: Client, { roles, password }: RoleOptions): Promise<string[]> {
  const me = await currentUser(client)
  const existing = await readRoles(client, roles)
  const statements: string[] = []
  for (const kind of ['owner', 'service', 'member'] as const) {
    if (existing.has(roles[kind])) continue
    const login = kind === 'service' ? `login password '${scramVerifier(password)}'` : 'nologin'
    statements.push(`create role ${quoteName(roles[kind])} ${login}`)
  }
  if (!existing.get(roles.service)?.member) {
    statements.push(`grant ${quoteName(roles.member)} to ${quoteName(roles.service)}`)
  }
  for (const role of [roles.owner, roles.service]) {
    if (me.superuser || existing.get(role)?.mine) continue
    // Since PostgreSQL 16 who creates a role may grant it, but neither acts as it nor has its rights without being told
    // so.
    const options = me.version >= VERSION_16 ? ' with inherit true, set true' : ''
    statements.push(`grant ${quoteName(role)} to ${quoteName(me.name)}${options}`)
  }
  return statements
}

/** Sets the service's password to what the installation's secret says now; needed when the secret has changed. */
export async function resetServicePassword(client: Client, { roles, password }: RoleOptions): Promise<void> {
  await client.query(`alter role ${quoteName(roles.service)} password '${scramVerifier(password)}'`)
}

/**
 * Lets the owner create schemas in the database and the service connect to it, and nobody else who is no administrator.
 * Fails: grants_missing, with the SQL for somebody who owns the database.
 */
export async function guardDatabase(client: Client, { database, roles }: DatabaseOptions): Promise<void> {
  for (const statement of await missingGrants(client, { database, roles })) {
    await client.query(statement).catch((error: unknown) => {
      if (!isPgError(error, PG.insufficient_privilege)) throw error
    })
  }
  // Who may not grant is not always refused: PostgreSQL may only warn, and have granted nothing.
  const missing = await missingGrants(client, { database, roles })
  if (missing.length === 0) return
  throw new Unavailable(
    'grants_missing',
    `The database ${database} is not ours to grant. Have its owner run: ${missing.join('; ')};`,
    { sql: missing },
  )
}

/** The statements that `guardDatabase` would run; the roles exist. */
export async function missingGrants(client: Client, { database, roles }: DatabaseOptions): Promise<string[]> {
  const { rows } = await client.query<{ create: boolean; connect: boolean; public: boolean }>(
    `select
      has_database_privilege($2, $1, 'create') as create,
      has_database_privilege($3, $1, 'connect') as connect,
      has_database_privilege('public', $1, 'connect') or has_database_privilege('public', $1, 'temporary') as public`,
    [database, roles.owner, roles.service],
  )
  const granted = must(rows[0], 'This query has one row.')
  const on = `on database ${quoteName(database)}`
  // Who has a right as everybody has it loses it with the first of these.
  return [
    granted.public && `revoke all ${on} from public`,
    (granted.public || !granted.create) && `grant create, connect ${on} to ${quoteName(roles.owner)}`,
    (granted.public || !granted.connect) && `grant connect ${on} to ${quoteName(roles.service)}`,
  ].filter((statement) => statement !== false)
}

/** Drops what belongs to this economy alone; the owner stays, as it owns the others too. */
export async function dropRoles(client: Client, { service, member }: Roles): Promise<void> {
  await client.query(`drop role if exists ${quoteName(service)}, ${quoteName(member)}`)
}

const VERSION_16 = 160_000

/** The iterations that PostgreSQL itself takes; our passwords are 256 random bits, so that more would add nothing. */
const SCRAM_ITERATIONS = 4096

export interface RoleOptions {
  roles: Roles
  password: Secret
}

export interface DatabaseOptions {
  database: string
  roles: Roles
}

async function currentUser(client: Client): Promise<{ name: string; superuser: boolean; version: number }> {
  const { rows } = await client.query<{ name: string; superuser: boolean; version: number }>(
    `select
      rolname as name,
      rolsuper as superuser,
      current_setting('server_version_num')::int as version
    from pg_roles
    where rolname = current_user`,
  )
  return must(rows[0], 'There is always a current user.')
}

/** Which of the roles there are; whether we act as each, and whether it is a member of the economy's member role. */
async function readRoles(client: Client, roles: Roles): Promise<Map<string, { mine: boolean; member: boolean }>> {
  const { rows } = await client.query<{ name: string; mine: boolean; member: boolean }>(
    `select
      role.rolname as name,
      pg_has_role(role.oid, 'usage') as mine,
      exists (
        select
        from pg_auth_members as membership
        join pg_roles as granted on granted.oid = membership.roleid
        where membership.member = role.oid and granted.rolname = $2::text
      ) as member
    from pg_roles as role
    where role.rolname = any ($1::text[])`,
    [Object.values(roles), roles.member],
  )
  return new Map(rows.map(({ name, mine, member }) => [name, { mine, member }]))
}

/**
 * What PostgreSQL keeps of a SCRAM-SHA-256 password (RFC 5803, in the form of its own pg_authid), so that the password
 * itself is in no statement and in no server log. Ours is hexadecimal, which SASLprep leaves as it is.
 */
function scramVerifier(password: Secret): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password.reveal(), salt, SCRAM_ITERATIONS, 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest('base64')
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64')
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}
