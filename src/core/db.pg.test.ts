import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { testEconomy } from '../../test/helpers.ts'
import { transaction } from './db.ts'
import { withSession } from './session.ts'

test('a connection that the server ends in the middle of a transaction fails that transaction and nothing else', async () => {
  await using t = await testEconomy()

  const broken = transaction(t.db, async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
    await withSession({ url: t.adminUrl }, async (client) => {
      await client.query('select pg_terminate_backend($1, 5000)', [rows[0]!.pid])
    })
    await sql`select 1`.execute(tx)
  })

  await expect(broken).rejects.toThrow(/connection/i)
  const { rows } = await sql<{ one: number }>`select 1 as one`.execute(t.db)
  expect(rows).toEqual([{ one: 1 }])
})
