import { sql } from 'kysely'

import type { Invariant } from '../ledger/invariants.ts'

/** Between contributions, reviews, reputations and the sums that are kept of them. */
export const WORK_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'A contributor’s totals sum their contributions',
    query: sql<{ detail: string }>`
      select 'contributor ' || contributor.id as detail
      from contributions.contributor
      left join (
        select contributor, count(*) as contributions, sum(total_points) as points
        from contributions.contribution
        group by contributor
      ) as work on work.contributor = contributor.id
      where contributor.total_contributions <> coalesce(work.contributions, 0)
        or contributor.total_points <> coalesce(work.points, 0)
      limit 10
    `,
  },
  {
    invariant: 'An article’s totals sum its contributions, and its quality those that were scored',
    query: sql<{ detail: string }>`
      select 'article ' || article.id as detail
      from contributions.article
      left join (
        select
          article, count(*) as contributions, max(created_at) as last_at, count(*) filter (where scored) as scored,
          sum(quality_e2) filter (where scored) as quality_sum_e2
        from contributions.contribution
        group by article
      ) as work on work.article = article.id
      where article.contribution_count <> coalesce(work.contributions, 0)
        or article.last_contribution_date is distinct from work.last_at
        or article.scored_contributions <> coalesce(work.scored, 0)
        or article.quality_sum_e2 <> coalesce(work.quality_sum_e2, 0)
      limit 10
    `,
  },
  {
    invariant: 'The tally sums each week’s contributions',
    query: sql<{ detail: string }>`
      select 'week ' || week_start as detail
      from (
        select week_start, sum(contributions) as contributions, sum(points) as points
        from contributions.tally
        group by week_start
      ) as tally
      full join (
        select week_start, count(*) as contributions, sum(total_points) as points
        from contributions.contribution
        group by week_start
      ) as work using (week_start)
      where coalesce(tally.contributions, 0) <> coalesce(work.contributions, 0)
        or coalesce(tally.points, 0) <> coalesce(work.points, 0)
      limit 10
    `,
  },
  {
    invariant: 'The tally counts all people and articles',
    query: sql<{ detail: string }>`
      select tally.contributors || ' contributors, ' || tally.articles || ' articles' as detail
      from (
        select coalesce(sum(contributors), 0) as contributors, coalesce(sum(articles), 0) as articles
        from contributions.tally
      ) as tally
      where contributors <> (select count(*) from contributions.contributor)
        or articles <> (select count(*) from contributions.article)
    `,
  },
  {
    invariant: 'A contribution names a contributor, an article, its author’s contribution and its import',
    query: sql<{ detail: string }>`
      select 'contribution ' || contribution.id as detail
      from contributions.contribution
      left join contributions.contributor on contributor.id = contribution.contributor
      left join contributions.article on article.id = contribution.article
      left join contributions.contribution as author on author.id = contribution.change
      left join contributions.import on import.id = contribution.import
      where contributor.id is null
        or article.id is null
        or author.change is distinct from contribution.change
        or (contribution.import is not null and import.id is null)
      limit 10
    `,
  },
  {
    invariant: 'Those who made a change together share its article, time, week, type and quality',
    query: sql<{ detail: string }>`
      select 'contribution ' || contribution.id as detail
      from contributions.contribution
      join contributions.contribution as author on author.id = contribution.change
      where contribution.change <> contribution.id
        and (contribution.article, contribution.created_at, contribution.week_start, contribution.type,
             contribution.quality_e2, contribution.scored)
          is distinct from
            (author.article, author.created_at, author.week_start, author.type, author.quality_e2, author.scored)
      limit 10
    `,
  },
  {
    invariant: 'Nobody is credited twice with a change, and nobody reviews their own',
    query: sql<{ detail: string }>`
      select 'change ' || change || ' of contributor ' || contributor as detail
      from contributions.contribution
      group by change, contributor
      having count(*) > 1
      union all
      select 'review ' || review.id
      from contributions.review
      join contributions.contribution on contribution.change = review.change
        and contribution.contributor = review.reviewer
      limit 10
    `,
  },
  {
    invariant: 'A quality is the last that the change’s reviews have made',
    query: sql<{ detail: string }>`
      select 'contribution ' || contribution.id as detail
      from contributions.contribution
      left join lateral (
        select after_e2
        from contributions.quality_change
        where quality_change.change = contribution.change
        order by id desc
        limit 1
      ) as last on true
      where contribution.quality_e2 <> coalesce(last.after_e2, 100)
        or contribution.scored <> exists (
          select from contributions.review where review.change = contribution.change and score_e2 is not null
        )
      limit 10
    `,
  },
  {
    invariant: 'A change says how many have scored it, so that the review queue knows what waits',
    query: sql<{ detail: string }>`
      select 'contribution ' || contribution.id as detail
      from contributions.contribution
      left join (
        select change, case when bool_or(staff) then 32767 else count(*) end as scores
        from (
          select distinct on (change, reviewer, case when reviewer is null then actor end) change, staff
          from contributions.review
          where score_e2 is not null
          order by change, reviewer, case when reviewer is null then actor end, id desc
        ) as latest
        group by change
      ) as scored on scored.change = contribution.id
      where contribution.scores <> coalesce(scored.scores, 0)
      limit 10
    `,
  },
  {
    invariant: 'A reputation is what its changes have made of 1, one after the other',
    query: sql<{ detail: string }>`
      select 'contributor ' || contributor.id as detail
      from contributions.contributor
      left join lateral (
        select after_e4
        from contributions.reputation_change
        where reputation_change.contributor = contributor.id
        order by week_start desc
        limit 1
      ) as last on true
      where contributor.reputation_e4 <> coalesce(last.after_e4, 10000)
      union all
      select 'contributor ' || contributor || ' in the week ' || week_start
      from (
        select
          contributor, week_start, before_e4,
          lag(after_e4, 1, 10000::smallint) over (partition by contributor order by week_start) as after_before
        from contributions.reputation_change
      ) as change
      where before_e4 <> after_before
      limit 10
    `,
  },
  {
    invariant: 'Points of a distributed week use the reputation after all weeks before it',
    query: sql<{ detail: string }>`
      select 'contribution ' || contribution.id as detail
      from contributions.contribution
      join contributions.weekly_distribution as distribution on distribution.week_start = contribution.week_start
      left join lateral (
        select after_e4
        from contributions.reputation_change
        where reputation_change.contributor = contribution.contributor
          and reputation_change.week_start < contribution.week_start
        order by week_start desc
        limit 1
      ) as last on true
      where contribution.reputation_e4 <> coalesce(last.after_e4, 10000)
      limit 10
    `,
  },
  {
    invariant: 'An import’s counts are of what it brought, and nothing is left of one that was taken back',
    query: sql<{ detail: string }>`
      select 'import ' || import.id as detail
      from contributions.import
      left join (
        select import, count(*) as contributions, max(line) as last
        from contributions.contribution
        where import is not null
        group by import
      ) as work on work.import = import.id
      where coalesce(work.contributions, 0) <> case when import.rolled_back_at is null then import.contributions else 0 end
        or import.lines < coalesce(work.last, 0)
      limit 10
    `,
  },
]
