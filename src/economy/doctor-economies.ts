import { access } from 'node:fs/promises'

import type { Client } from 'pg'

import { AppError } from '../core/errors.ts'
import { type AppliedMigration, listMigrations, quoteName } from '../core/migrate.ts'
import { databaseOf } from '../core/postgres-url.ts'
import { withSession } from '../core/session.ts'
import { type Control, type EconomyRecord, listEconomies } from './control.ts'
import type { Blueprint } from './define.ts'
import { type Finding, sentence } from './doctor-finding.ts'
import { MIGRATIONS } from './migrations.ts'
import { type DatabasePlace, databasePlace, filesOf } from './places.ts'
import { missingGrants, missingRoles } from './roles.ts'

/** Each economy: can it be opened, and is all there that it needs? */
export async function examineEconomies(control: Control, blueprints: readonly Blueprint[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const record of await listEconomies(control)) {
    const found = await examineEconomy(control, record, blueprints)
    const fine: Finding = {
      level: 'ok',
      code: 'economy_ready',
      subject: subjectOf(record),
      message: 'It can be opened.',
    }
    findings.push(...(found.length > 0 ? found : [fine]))
  }
  return findings
}

async function examineEconomy(
  control: Control,
  record: EconomyRecord,
  blueprints: readonly Blueprint[],
): Promise<Finding[]> {
  const { name, state, blueprint } = record
  const subject = subjectOf(record)
  if (state === 'creating') {
    const message = `It is being created. If that was interrupted, create it again: florin economy create ${name} --blueprint ${blueprint}.`
    return [{ level: 'warning', code: 'economy_unfinished', subject, message }]
  }
  if (state === 'dropping') {
    const message = `It is being dropped. If that was interrupted, finish it: florin economy drop ${name} --confirm ${name}.`
    return [{ level: 'warning', code: 'economy_dropping', subject, message }]
  }
  const findings: Finding[] = []
  if (!blueprints.some((known) => known.name === blueprint)) {
    const message = `It runs by the blueprint ${blueprint}, which this Florin has not. Update Florin.`
    findings.push({ level: 'problem', code: 'blueprint_unknown', subject, message })
  }
  if (state === 'read_only') {
    const message = 'It is read-only.'
    findings.push({ level: 'warning', code: 'economy_read_only', subject, message })
  }
  return [...findings, ...(await examineSigningKey(control, record)), ...(await examineDatabase(control, record))]
}

/** An economy whose log has been sealed needs the key that it was signed with. */
async function examineSigningKey(control: Control, record: EconomyRecord): Promise<Finding[]> {
  const { signingKey, checkpoints } = filesOf(control.data, record.name)
  const [key, sealed] = await Promise.all([isThere(signingKey), isThere(checkpoints)])
  if (key || !sealed) return []
  const message = `Its signing key ${signingKey} is missing. Put it back: without it, its log cannot be told from another.`
  return [{ level: 'problem', code: 'signing_key_missing', subject: subjectOf(record), message }]
}

async function examineDatabase(control: Control, record: EconomyRecord): Promise<Finding[]> {
  const subject = subjectOf(record)
  try {
    const place = databasePlace(control, record)
    const findings = await withSession({ url: place.adminUrl, name: 'florin doctor' }, async (client) => [
      ...(await examineGrants(client, place, subject)),
      ...(await examineMigrations(client, place, subject)),
    ])
    // A service without its role or grants cannot log in, which needs not be said again.
    return findings.some(({ sql }) => sql) ? findings : [...findings, ...(await examineLogin(place, subject))]
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'economy_unreachable'
    return [{ level: 'problem', code, subject, message: `Its database cannot be looked at: ${sentence(error)}` }]
  }
}

async function examineGrants(client: Client, place: DatabasePlace, subject: string): Promise<Finding[]> {
  const roles = await missingRoles(client, place)
  if (roles.length > 0) {
    const message = 'Roles or their memberships are missing. Have an administrator of the server run the statements.'
    return [{ level: 'problem', code: 'roles_missing', subject, message, sql: roles }]
  }
  const grants = await missingGrants(client, { ...place, database: databaseOf(place.adminUrl) })
  if (grants.length === 0) return []
  const message = 'Grants on its database are missing. Have the owner of the database run the statements.'
  return [{ level: 'problem', code: 'grants_missing', subject, message, sql: grants }]
}

async function examineMigrations(client: Client, { roles }: DatabasePlace, subject: string): Promise<Finding[]> {
  await client.query(`set role ${quoteName(roles.owner)}`)
  const { rows } = await client.query<AppliedMigration>('select id, name, hash from florin.migration order by id')
  await client.query('reset role')
  const ours = await listMigrations(MIGRATIONS)
  const applied = new Map(rows.map((migration) => [migration.id, migration]))
  const pending = ours.filter(({ id }) => !applied.has(id))
  const newer = rows.find(({ id }) => !ours.some((migration) => migration.id === id))
  const altered = ours.find(({ id, hash }) => applied.has(id) && applied.get(id)?.hash !== hash)
  if (newer) {
    const message = `Its database was migrated by a newer Florin (${newer.name}). Update this one.`
    return [{ level: 'problem', code: 'database_newer', subject, message }]
  }
  if (altered) {
    const message = `${altered.name} is not the file that was applied to its database. Restore the file.`
    return [{ level: 'problem', code: 'migration_altered', subject, message }]
  }
  if (pending.length === 0) return []
  const message = `Its database lacks ${pending.map(({ name }) => name).join(', ')}; it is migrated when it is next opened.`
  return [{ level: 'warning', code: 'migrations_pending', subject, message }]
}

async function examineLogin({ serviceUrl }: DatabasePlace, subject: string): Promise<Finding[]> {
  try {
    await withSession({ url: serviceUrl, name: 'florin doctor' }, async (client) => await client.query('select'))
    return []
  } catch (error) {
    const message = `Its service cannot log in: ${sentence(error)} A changed secret is set when it is next opened; else look at pg_hba.conf or the pooler.`
    return [{ level: 'warning', code: 'service_refused', subject, message }]
  }
}

function subjectOf({ name }: EconomyRecord): string {
  return `economy ${name}`
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
