import type { Client } from 'pg'

/**
 * A week of a wiki, put in by SQL. People take turns, and so do the types of what they do; nobody's points are far from
 * anybody else's.
 */
export async function putInWeek(client: Client, { contributions, people, articles, week }: WikiWeek): Promise<void> {
  await client.query(
    `insert into identity.person (id, username, joined_at, created_at)
    select gen_random_uuid(), 'person-' || n, $2::timestamptz - n * interval '1 minute', $2
    from generate_series(1, $1::int) as n`,
    [people, week],
  )
  await client.query(
    `insert into contributions.contributor (person, created_at)
    select id, joined_at from identity.person order by joined_at desc`,
  )
  await client.query(
    `insert into contributions.article (name, created_at)
    select 'article-' || n, $2 from generate_series(1, $1::int) as n`,
    [articles, week],
  )
  await client.query(
    `insert into contributions.contribution
      (id, contributor, article, change, created_at, week_start, type, base_points, total_points, reputation_e4, demand_e2)
    select
      n, 1 + n % $2::int, 1 + n % $3::int, n, $4::timestamptz + n * (interval '7 days' / ($1::int + 1)), $4::date,
      (array['creation', 'major_edit', 'minor_edit', 'translation'])[turn]::contributions.contribution_type,
      (array[100, 50, 20, 75])[turn], (array[100, 50, 20, 75])[turn], 10000, 100
    from generate_series(1, $1::int) as n
    cross join lateral (select 1 + (n + n / $2::int) % 4 as turn) as type`,
    [contributions, people, articles, week],
  )
  await client.query(`select setval('contributions.contribution_id', $1)`, [contributions])
  for (const statement of SUMS) await client.query(statement)
}

/** What the module keeps beside the contributions as they are recorded. */
const SUMS = [
  `update contributions.contributor
  set total_contributions = sums.contributions, total_points = sums.points
  from (
    select contributor, count(*) as contributions, sum(total_points) as points
    from contributions.contribution group by contributor
  ) as sums
  where contributor.id = sums.contributor`,
  `update contributions.article
  set contribution_count = sums.contributions, last_contribution_date = sums.last_at
  from (
    select article, count(*) as contributions, max(created_at) as last_at
    from contributions.contribution group by article
  ) as sums
  where article.id = sums.article`,
  `insert into contributions.tally (week_start, shard, contributions, points, contributors, articles)
  select week_start, 0, count(*), sum(total_points), count(distinct contributor), count(distinct article)
  from contributions.contribution
  group by week_start`,
]

export interface WikiWeek {
  contributions: number
  people: number
  articles: number
  /** When it begins. */
  week: Date
}
