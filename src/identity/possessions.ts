import { sql } from 'kysely'

import type { Tx } from '../core/db.ts'

/**
 * What there is under this person's name, as the names of tables and `ledger.account`: any account of theirs that ever
 * moved, and any row of any module that refers to them, of modules too that are not written yet. Left out is what a
 * person has from signing up and asking: keys, codes and who became them.
 */
export async function possessionsOf(tx: Tx, person: string): Promise<string[]> {
  const { rows: references } = await sql<Reference>`
    select namespace.nspname as schema, class.relname as table, attribute.attname as column
    from pg_constraint as reference
    join pg_class as class on class.oid = reference.conrelid
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum = reference.conkey[1]
    where reference.contype = 'f' and reference.confrelid = 'identity.person'::regclass
    order by 1, 2, 3
  `.execute(tx)
  const owned = references.filter(({ schema, table, column }) => !LEFT_OUT.has(`${schema}.${table}.${column}`))
  const found = owned.map(({ schema, table, column }) => {
    const rows = sql`select from ${sql.table(`${schema}.${table}`)} where ${sql.ref(column)} = ${person}::uuid`
    return sql`select ${`${schema}.${table}`}::text as name where exists (${rows})`
  })
  const accounts = sql`
    select 'ledger.account' as name
    where exists (select from ledger.account where owner = ${person}::uuid and version > 0)
  `
  const { rows } = await sql<{ name: string }>`${sql.join([accounts, ...found], sql` union `)} order by name`.execute(
    tx,
  )
  return rows.map(({ name }) => name)
}

const LEFT_OUT = new Set([
  'identity.api_key.person',
  'identity.claim_code.person',
  'identity.claim_code.redeemed_by',
  'identity.impersonation.person',
  'identity.invitation.accepted_by',
  'identity.person.became',
  'identity.wallet_nonce.person',
])

interface Reference {
  schema: string
  table: string
  column: string
}
