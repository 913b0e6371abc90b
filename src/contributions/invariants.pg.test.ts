import { expect, test } from 'vitest'

import { testWiki, week } from '../../test/wiki.ts'
import { snapshot } from '../core/db.ts'
import { withSession } from '../core/session.ts'
import { checkInvariants } from '../ledger/invariants.ts'
import { CONTRIBUTION_INVARIANTS } from './invariants.ts'

/** What somebody with every right might do to the tables, and the invariant that notices. */
const DAMAGE: [invariant: string, statement: string][] = [
  ['A contributor’s totals', 'update contributor set total_points = total_points + 1 where id = 1'],
  ['An article’s totals', 'update article set contribution_count = 0 where id = 1'],
  ['An article’s totals', 'update article set quality_sum_e2 = 1 where id = 1'],
  ['The tally sums', 'update tally set points = points + 1'],
  ['The tally sums', 'delete from tally where week_start = $$2026-01-05$$'],
  ['The tally counts', 'update tally set articles = articles + 1'],
  ['A contribution names', 'update contribution set contributor = 999 where id = 1'],
  ['A contribution names', 'update contribution set import = 7 where id = 1'],
  ['Those who made a change together', 'update contribution set quality_e2 = 100, total_points = 50 where id = 2'],
  ['Nobody is credited twice', 'update contribution set contributor = 1 where id = 2'],
  ['Nobody is credited twice', 'update review set reviewer = 1'],
  ['A quality is the last', 'delete from quality_change'],
  ['A quality is the last', 'delete from review'],
  ['A reputation is what', 'delete from reputation_change where contributor = 1'],
  ['Points of a distributed week', 'update contribution set reputation_e4 = 10500, total_points = 131 where id = 1'],
  ['Weeks are distributed without a gap', 'update weekly_distribution set week_start = $$2026-02-02$$ where id = 2'],
  ['Weeks are distributed without a gap', 'update weekly_distribution set created_at = $$2026-01-11$$ where id = 1'],
  ['A distribution’s sums', 'update weekly_distribution set new_points = new_points + 1 where id = 1'],
  ['A distribution’s sums', 'delete from token_reward where distribution = 1 and no = 1'],
  [
    'Every point of a distributed week',
    'update contributor set carried_points = 5, carried_since = $$2026-01-05$$ where id = 1',
  ],
  [
    'A reward pays the contributions',
    'update token_reward set paid_from = $$2025-12-29$$ where distribution = 2 and contributor = 1',
  ],
  ['Payments cover the rewards', 'update payment set last_reward = 0 where distribution = 1'],
  ['Payments cover the rewards', 'update payment set amount = amount - 1 where distribution = 1'],
  ['Payments cover the rewards', 'delete from payment where distribution = 1'],
  ['What is not paid yet', 'update payment set entry = null, paid_at = null where distribution = 1'],
  ['What is not paid yet', 'update payment set hold = gen_random_uuid() where distribution = 1'],
  ['Each reward that is paid', 'update token_reward set contributor = 4 where distribution = 1 and no = 1'],
  ['Each reward that is paid', 'update ledger.entry set kind = $$gift$$ where kind = $$weekly_reward$$'],
  ['Nothing else was posted', 'update payment set entry = -no - 1 where distribution = 1'],
  ['What a contributor has earned', 'update earning set tokens = tokens + 1 where contributor = 1'],
  ['What a contributor has earned', 'delete from earning where contributor = 1'],
  ['What articles have earned', 'update article set total_tokens_earned = total_tokens_earned + 1 where id = 1'],
  [
    'An import’s counts',
    `insert into import (format, file, head, digest, contributions, actor, started_at, updated_at)
    values ($$wiki-history$$, $$x$$, decode(repeat($$00$$, 32), $$hex$$), decode(repeat($$00$$, 32), $$hex$$), 1, $$x$$,
      $$2026-01-05$$, $$2026-01-05$$)`,
  ],
]

test.each(DAMAGE)('"%s …" notices: %s', async (invariant, statement) => {
  await using t = await testWiki({ books: 'unchecked' })
  const [id] = await t.record(['ada', 'bob'])
  await t.record('cyd', { article: 'common/ls' })
  await t.review(id!, 'cyd', 250, { staff: true })
  await t.distribute(week(1))
  await t.record(['dan', 'ada'], { at: week(1, 1) })
  await t.distribute(week(2))
  const broken = async () => {
    const violations = await snapshot(t.db, async (tx) => await checkInvariants(tx, CONTRIBUTION_INVARIANTS))
    return violations.map((violation) => violation.invariant)
  }
  expect(await broken()).toEqual([])
  await withSession({ url: t.adminUrl }, async (client) => {
    // No trigger, no foreign key; checks hold for everybody.
    await client.query(`set session_replication_role = replica; set search_path = contributions`)
    await client.query(statement)
  })
  expect(await broken()).toContainEqual(expect.stringContaining(invariant))
})
