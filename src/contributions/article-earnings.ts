import { sql } from 'kysely'

import type { Tx } from '../core/db.ts'
import { type Distribution, distributionOf, readDistribution } from './distribution-row.ts'

/**
 * Completes a distribution whose payments are made: each reward is shared over the contributions that it paid (see
 * splitReward, which this does for all of them at once) and counted for their articles. In one transaction with the
 * distribution's last status, so that it happens once: whoever comes second finds it completed. Moves nothing.
 */
export async function creditArticles(
  tx: Tx,
  { distribution, now }: { distribution: number; now: Date },
): Promise<Distribution> {
  const row = await tx
    .updateTable('contributions.weekly_distribution')
    .set({ status: 'completed', completed_at: now, failure: null })
    .where('id', '=', distribution)
    .where('status', '<>', 'completed')
    .returningAll()
    .executeTakeFirst()
  if (!row) return await readDistribution(tx, distribution)
  await addEarnings(tx, distribution, row.week_start)
  return distributionOf(row)
}

/**
 * With amount = rate × total + rest, a contribution's exact part is rate × points + rest × points / total: only the small
 * second term needs a division, in bigint, and its remainder ranks who gets a unit more.
 */
async function addEarnings(tx: Tx, distribution: number, week: string): Promise<void> {
  await sql`
    with
      reward as (
        select
          contributor, paid_from, total_points as total, div(token_amount, total_points) as rate,
          mod(token_amount, total_points)::bigint as rest
        from contributions.token_reward
        where distribution = ${distribution}
      ),
      paid as (
        select contribution.*, reward.total, reward.rate, reward.rest
        from contributions.contribution
        join reward on reward.contributor = contribution.contributor
        where contribution.week_start = ${week}::date and contribution.total_points > 0
        union all
        select contribution.*, reward.total, reward.rate, reward.rest
        from reward
        join contributions.contribution on contribution.contributor = reward.contributor
        where reward.paid_from < ${week}::date
          and contribution.week_start >= reward.paid_from
          and contribution.week_start < ${week}::date
          and contribution.total_points > 0
      ),
      part as (
        select
          article, rate * total_points as whole, rest * total_points / total as share,
          row_number() over remainders <= sum(rest * total_points % total) over (partition by contributor) / total
            as has_unit
        from paid
        window remainders as (
          partition by contributor
          order by rest * total_points % total desc, created_at, id
        )
      ),
      earning as (
        select article, sum(whole) + sum(share + has_unit::int) as amount
        from part
        group by article
      ),
      locked as (
        select article.id, earning.amount
        from contributions.article
        join earning on earning.article = article.id
        order by article.id
        for no key update of article
      )
    update contributions.article
    set total_tokens_earned = total_tokens_earned + locked.amount
    from locked
    where article.id = locked.id
  `.execute(tx)
}
