import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { testPeople, type TestPeople } from '../../test/people.ts'
import { type Db, transaction, type Tx } from '../core/db.ts'
import { newUuid } from '../core/id.ts'
import { asMember } from '../core/member.ts'
import { identityRoutes } from './routes.ts'

/** The tables of everybody: what every member may see of the economy. */
const PUBLIC = /^public_/

/** Every table that a member may read something of, with how its policy for members is named and what it asks. */
async function policies(db: Db): Promise<{ table: string; policy: string; asks: string }[]> {
  const { rows } = await sql<{ table: string; policy: string; asks: string }>`
    select
      policy.polrelid::regclass::text as table,
      policy.polname as policy,
      pg_get_expr(policy.polqual, policy.polrelid) as asks
    from pg_policy as policy
    where exists (
      select
      from unnest(policy.polroles) as granted (id)
      join pg_roles as role on role.oid = granted.id
      where role.rolname like '%\\_member\\_%'
    )
    order by 1, 2
  `.execute(db)
  return rows
}

async function counted(tx: Tx, table: string): Promise<bigint> {
  const { rows } = await sql<{ count: bigint }>`select count(*) as count from ${sql.table(table)}`.execute(tx)
  return rows[0]!.count
}

async function twoMembers(t: TestPeople): Promise<[ann: string, bob: string]> {
  const [ann, bob] = [await t.join('ann'), await t.join('bob')]
  for (const [as, address] of [
    [ann, 'A'],
    [bob, 'B'],
  ] as const) {
    const now = t.clock.now()
    await t.post('/me/keys', { name: `of ${address}`, scopes: ['read'] }, { as })
    await t.post(`/people/${as}/roles`, { role: 'support' })
    await t.post(`/people/${as}/impersonations`, { reason: 'x' })
    await t.db.insertInto('identity.wallet').values({ person: as, chain: 'evm', address, created_at: now }).execute()
    await sql`
      insert into ledger.account (path, asset, owner, opened_at)
      select 'users:' || ${as}::text || ':available', id, ${as}::uuid, ${now}::timestamptz from ledger.asset
    `.execute(t.db)
  }
  return [ann, bob]
}

test('of two members, each sees their own rows in raw SQL, and none of the other’s', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const members = await twoMembers(t)
  for (const [i, me] of members.entries()) {
    const other = members[1 - i]!
    await asMember(t.db, me, async (tx) => {
      for (const [table, column] of [
        ['identity.person', 'id'],
        ['identity.wallet', 'person'],
        ['identity.api_key', 'person'],
        ['identity.person_role', 'person'],
        ['identity.impersonation', 'person'],
        ['ledger.account', 'owner'],
      ] as const) {
        const { rows } = await sql<{ whose: string }>`
          select distinct ${sql.ref(column)} as whose from ${sql.table(table)}
        `.execute(tx)
        expect(rows, table).toEqual([{ whose: me }])
        const asked = await sql`
          select ${sql.ref(column)} from ${sql.table(table)} where ${sql.ref(column)} = ${other}::uuid
        `.execute(tx)
        expect(asked.rows, table).toEqual([])
      }
    })
  }
})

test('without a person, and as one that there is not, nothing of anybody is to be seen', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  await twoMembers(t)
  const own = (await policies(t.db)).filter(({ policy }) => !PUBLIC.test(policy))
  expect(own.length).toBeGreaterThan(8)
  for (const nobody of ['', newUuid(t.clock.now())]) {
    await asMember(t.db, nobody, async (tx) => {
      for (const { table } of own) if (table !== 'identity.api_key') expect(await counted(tx, table), table).toBe(0n)
      const keys = await sql`select id from identity.api_key`.execute(tx)
      expect(keys.rows).toEqual([])
    })
  }
})

test('a member reads no hash and no code, and writes nothing', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const [ann] = await twoMembers(t)
  for (const statement of [
    sql`select hash from identity.api_key`,
    sql`select from identity.invitation`,
    sql`select from identity.claim_code`,
    sql`select from identity.wallet_nonce`,
    sql`update identity.person set username = 'x'`,
    sql`insert into identity.person_role (person, role, granted_at, granted_by) values (${ann}::uuid, 'owner', clock_timestamp(), 'x')`,
    sql`delete from identity.wallet`,
  ]) {
    const attempt = asMember(t.db, ann, async (tx) => await statement.execute(tx))
    await expect(attempt).rejects.toThrow('permission denied')
  }
})

test('the connection is the service’s again afterwards', async () => {
  await using t = await testPeople({ routes: identityRoutes, connections_max: 1 })
  const [ann] = await twoMembers(t)
  await asMember(t.db, ann, async (tx) => await counted(tx, 'identity.person'))
  await asMember(t.db, ann, async () => await Promise.reject(new Error('stop'))).catch(() => undefined)
  expect(await transaction(t.db, async (tx) => await counted(tx, 'identity.person'))).toBe(2n)
})

test('every policy for members says whose rows they are, or that the table is public', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const unclear = (await policies(t.db)).filter(({ policy, asks }) =>
    PUBLIC.test(policy) ? asks !== 'true' : !/app\.user_id|FROM /.test(asks),
  )
  expect(unclear).toEqual([])
})
