import { sql } from 'kysely'
import { describe, expect, inject, test } from 'vitest'

import { testStakers } from '../../test/stakers.ts'
import { week } from '../../test/wiki.ts'
import { snapshot, transaction } from '../core/db.ts'
import { withSession } from '../core/session.ts'
import { checkInvariants } from '../ledger/invariants.ts'
import { STAKING_INVARIANTS } from './invariants.ts'
import { daysAfter } from './staking-rules.ts'

const ACTIVE = `id = (select id from staking.stake where status = $$active$$)`
const COMPLETED = `id = (select id from staking.stake where status = $$completed$$)`

/** What somebody with every right might do to the tables, and the invariant that notices. */
const DAMAGE: [invariant: string, statement: string][] = [
  ['What is on a member’s account', `update staking.stake set amount = amount - 1 where ${ACTIVE}`],
  ['What is on a member’s account', `delete from staking.stake where ${ACTIVE}`],
  [
    'What is reserved on a pool’s account',
    `update staking.stake set apy_bps = 501, reward = 4117808219 where ${ACTIVE}`,
  ],
  ['What is reserved on a pool’s account', `delete from staking.stake where ${ACTIVE}`],
  ['A stake’s hold', `update ledger.hold set status = $$voided$$, closed_at = created_at where status = $$pending$$`],
  ['A stake’s hold', `update ledger.hold set amount = amount + 1 where status = $$pending$$`],
  [
    'A stake was made by one entry',
    `update staking.stake set person = (select min(person::text)::uuid from staking.stake)`,
  ],
  ['A stake was made by one entry', `update ledger.entry set kind = $$gift$$ where kind = $$stake$$`],
  ['A stake was made by one entry', `delete from staking.stake where ${COMPLETED}`],
  ['A stake was paid back by one entry', `update ledger.entry set kind = $$gift$$ where kind = $$stake_release$$`],
  [
    'A stake was paid back by one entry',
    `update staking.stake set paid_at = paid_at + interval $$1 s$$ where ${COMPLETED}`,
  ],
  ['A stake was paid back by one entry', `delete from staking.stake where ${COMPLETED}`],
  ['Nothing but the rewards of stakes', `update ledger.entry set kind = $$gift$$ where kind = $$stake_maturity$$`],
]

test.each(DAMAGE)('"%s …" notices: %s', async (invariant, statement) => {
  await using t = await threeStakes('unchecked')
  const check = async () => await snapshot(t.db, async (tx) => await checkInvariants(tx, STAKING_INVARIANTS))
  expect(await check()).toEqual([])
  await withSession({ url: t.adminUrl }, async (client) => {
    await client.query(`set session_replication_role = replica; ${statement.replaceAll('$$', "'")}`)
  })
  expect((await check()).map((violation) => violation.invariant)).toContainEqual(expect.stringContaining(invariant))
})

describe('what was agreed', () => {
  test('can be changed by nobody: the service lacks the right, and a trigger stops whoever has it', async () => {
    await using t = await threeStakes()
    const statements = [
      'update staking.stake set amount = 1',
      'update staking.stake set reward = reward + 1',
      'update staking.stake set ends_at = starts_at',
      'update staking.stake set unstake_penalty_bps = 1',
      'update staking.pool set reward_account = $$treasury:main$$',
      'delete from staking.stake',
      'truncate staking.stake cascade',
    ]
    await withSession({ url: t.adminUrl }, async (client) => {
      for (const statement of statements) {
        await expect(sql.raw(statement).execute(t.db), statement).rejects.toThrow('permission denied')
        await expect(client.query(statement), statement).rejects.toThrow('what was agreed does not change')
      }
    })
  })

  test('ends once: what was paid stays paid, and nothing is paid before it is due', async () => {
    await using t = await threeStakes()
    const again = sql.raw(`update staking.stake set paid_at = null, status = 'active' where paid_at is not null`)
    await expect(again.execute(t.db)).rejects.toThrow('what was agreed does not change')
    const early = sql.raw(`update staking.stake set paid_at = starts_at, status = 'completed' where paid_at is null`)
    await expect(early.execute(t.db)).rejects.toThrow('stake_paid')
  })
})

test('a member sees the pools, and of the stakes their own alone', async () => {
  await using t = await threeStakes()
  const seen = async (user: string) =>
    await transaction(t.db, async (tx) => {
      await sql.raw(`set local role "${inject('postgres').roles.member}"`).execute(tx)
      await sql`select set_config('app.user_id', ${user}, true)`.execute(tx)
      const pools = await tx.selectFrom('staking.pool').select('code').execute()
      const stakes = await tx.selectFrom('staking.stake').select('person').execute()
      return [pools.length, ...new Set(stakes.map(({ person }) => person))]
    })
  expect(await seen(t.ada)).toEqual([1, t.ada])
  expect(await seen(t.bob)).toEqual([1, t.bob])
  expect(await seen('')).toEqual([1])
  const writing = transaction(t.db, async (tx) => {
    await sql.raw(`set local role "${inject('postgres').roles.member}"`).execute(tx)
    await sql`select set_config('app.user_id', ${t.ada}, true)`.execute(tx)
    await sql`update staking.stake set status = 'completed'`.execute(tx)
  })
  await expect(writing).rejects.toThrow('permission denied')
})

/** One that matured and one that was ended early, both paid, and one that is active. */
async function threeStakes(books: 'checked' | 'unchecked' = 'checked') {
  const t = await testStakers({ books })
  await t.stakeOf(t.ada, 1_000)
  const { id } = await t.stakeOf(t.bob, 500)
  await t.unstakeOf(t.bob, id, week(1))
  await t.sweep(daysAfter(week(0), 30))
  await t.stakeOf(t.ada, 1_000, { at: daysAfter(week(0), 31) })
  return t
}
