// What somebody changes past the module, as with the rights of the database's owner, is found by a check from outside.
import { expect, test } from 'vitest'

import { allocation, type Council, RAISE_POOL, testCouncil } from '../../test/council.ts'
import { snapshot } from '../core/db.ts'
import { withSession } from '../core/session.ts'
import { checkInvariants } from '../ledger/invariants.ts'
import { GOVERNANCE_INVARIANTS } from './invariants.ts'

/** One allocation that was paid, one parameter that was changed, one allocation that waits for its execution. */
async function decided(): Promise<Council> {
  const t = await testCouncil({ books: 'unchecked' })
  for (const proposal of [allocation('1000'), RAISE_POOL]) await t.vote(await t.opened(proposal), 'ada', 'for')
  await t.after(9 * 24)
  await t.after(2 * 24)
  const waiting = await t.opened(allocation('500'))
  await t.vote(waiting, 'bob', 'against')
  await t.vote(waiting, 'bob', 'for')
  await t.after(7 * 24)
  return t
}

async function found({ db }: Council): Promise<string[]> {
  const violations = await snapshot(db, async (tx) => await checkInvariants(tx, GOVERNANCE_INVARIANTS))
  return [...new Set(violations.map(({ invariant }) => invariant))]
}

const DAMAGE: [what: string, sql: string, finds: RegExp][] = [
  ['a vote too many in a tally', `update governance.proposal set votes_for = votes_for + 1`, /tally is the sum/],
  [
    'a vote that weighs more than its wallet held',
    `update governance.vote set balance = balance + 1`,
    /what the wallet held/,
  ],
  ['a stake that nobody made', `update governance.vote set staked = 5, power = power + 10`, /stakes are those/],
  [
    'a vote after the end',
    `update governance.vote set cast_at = cast_at + interval '30 days'`,
    /while voting was open/,
  ],
  ['an earlier vote that was made away with', `delete from governance.vote_change`, /each change of one is kept/],
  ['a smaller circulation', `update governance.proposal set circulating = circulating - 1`, /what circulates/],
  [
    'an allocation that was made larger',
    `update governance.allocation set amount = amount + 1`,
    /is on treasury:allocated/,
  ],
  [
    'an allocation that was paid, and is not said to be',
    `update governance.allocation set paid_at = null`,
    /execution/,
  ],
  [
    'an allocation to somebody else',
    `update governance.allocation set account = 'users:eve:available'`,
    /was posted: once/,
  ],
  ['a quarter of more than it may give', `update governance.allocation set quarter_limit = amount`, /quarter/],
  [
    'another value than was voted on',
    `update governance.proposal set parameters = parameters || '{"proposed_value": "1"}' where type = 'parameter_change'`,
    /to what was voted on/,
  ],
]

test('damage is found, and where there is none nothing is', async () => {
  await using t = await decided()
  expect(await found(t)).toEqual([])
  await withSession({ url: t.adminUrl }, async (client) => {
    await client.query('set session_replication_role = replica')
    for (const [what, statement, finds] of DAMAGE) {
      const tables = ['proposal', 'vote', 'vote_change', 'allocation']
      for (const table of tables) await client.query(`create temp table kept_${table} as table governance.${table}`)
      await client.query(statement)
      expect((await found(t)).join('; '), what).toMatch(finds)
      for (const table of tables) {
        await client.query(`delete from governance.${table}`)
        await client.query(`insert into governance.${table} select * from kept_${table}`)
        await client.query(`drop table kept_${table}`)
      }
      expect(await found(t), what).toEqual([])
    }
  })
})
