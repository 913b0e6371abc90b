import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { TEST_BLUEPRINT, testEconomy } from '../../test/helpers.ts'
import { withSession } from '../core/session.ts'

/*
 * What is append-only is so for everybody: the service lacks the right, and a trigger stops whoever has it.
 */

const APPEND_ONLY = [
  'ledger.entry',
  'ledger.posting',
  'ledger.key',
  'ledger.closing',
  'ledger.leaf',
  'ledger.block',
  'ledger.redaction',
  'audit.event',
  'economy.parameter_value',
]

test('the service may neither delete from nor truncate what is append-only, and update next to nothing', async () => {
  await using t = await testEconomy()
  for (const table of APPEND_ONLY) {
    for (const statement of [`delete from ${table}`, `truncate ${table}`]) {
      await expect(sql.raw(statement).execute(t.db), statement).rejects.toThrow('permission denied')
    }
    const { rows } = await sql<{ column: string }>`
      select attname as column
      from pg_attribute
      where attrelid = ${table}::regclass and attnum > 0 and not attisdropped
        and has_column_privilege(${table}::regclass, attnum, 'update')
      order by attname
    `.execute(t.db)
    const columns = rows.map(({ column }) => column)
    expect(columns, table).toEqual(table === 'ledger.entry' ? ['actor', 'metadata', 'salt'] : [])
  }
})

test('the owner and a superuser meet a trigger instead', async () => {
  const [token] = TEST_BLUEPRINT.assets
  const genesis = [{ to: 'treasury:main', amount: '1' }]
  await using t = await testEconomy({ blueprint: { ...TEST_BLUEPRINT, assets: [{ ...token!, genesis }] } })
  await withSession({ url: t.adminUrl }, async (client) => {
    const { rows } = await client.query<{ owner: string }>(
      `select tableowner as owner from pg_tables where schemaname = 'ledger' limit 1`,
    )
    for (const role of ['none', `"${rows[0]!.owner}"`]) {
      await client.query(`set role ${role}`)
      for (const table of APPEND_ONLY) {
        for (const statement of [`delete from ${table}`, `truncate ${table}`]) {
          await expect(client.query(statement), `${role}: ${statement}`).rejects.toThrow('is append-only')
        }
      }
      for (const statement of [
        `update ledger.entry set kind = 'y'`,
        'update ledger.entry set salt = null',
        `update audit.event set action = 'x.y'`,
      ]) {
        await expect(client.query(statement), `${role}: ${statement}`).rejects.toThrow('is append-only')
      }
    }
  })
})
