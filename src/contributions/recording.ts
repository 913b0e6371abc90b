import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import { pgArray, pgTimes, type Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import type { Article } from './articles.ts'
import { countContribution, type Deltas } from './counters.ts'
import type { Contributor } from './people.ts'
import { type ContributionType, totalPoints } from './points-rules.ts'
import { payingWeek } from './weeks.ts'

/**
 * Writes contributions, with their multipliers as they are at this moment and their points, and counts them in `deltas`.
 * The caller holds the weeks open (`firstOpen`) and applies the deltas at its end.
 */
export async function insertContributions(
  tx: Tx,
  drafts: readonly Draft[],
  { firstOpen, deltas }: { firstOpen: string | null; deltas: Deltas },
): Promise<Recorded[]> {
  if (drafts.length === 0) return []
  const ids = await drawIds(tx, drafts.length)
  const rows = drafts.map((draft, i) =>
    recordedOf(draft, { id: ids[i]!, change: ids[draft.changeOf ?? i]!, firstOpen }),
  )
  await insertRows(tx, drafts, rows)
  for (const row of rows) countContribution(deltas, row)
  return rows
}

/** A contribution that is not written yet. */
export interface Draft {
  contributor: Contributor
  article: Article
  /** The index of the draft of the change's author; unless said, this one. */
  changeOf?: number
  type: ContributionType
  base: bigint
  createdAt: Date
  details?: Details
  source?: { import: number; line: number }
}

/** What the document keeps of a contribution beside its points. */
export interface Details {
  description?: string | undefined
  wordCount?: number | undefined
  imagesAdded?: number | undefined
  linksAdded?: number | undefined
  sourcesCited?: number | undefined
}

export interface Recorded {
  id: bigint
  change: bigint
  contributor: bigint
  article: bigint
  week: string
  points: bigint
  createdAt: Date
}

/** The quality of what nobody has scored. */
export const DEFAULT_QUALITY_E2 = 100

async function drawIds(tx: Tx, count: number): Promise<bigint[]> {
  const { rows } = await sql<{ ids: string[] }>`
    select array(select nextval('contributions.contribution_id') from generate_series(1, ${count}::int)) as ids
  `.execute(tx)
  return must(rows[0], 'An array is one row').ids.map(BigInt)
}

function recordedOf(
  { contributor, article, base, createdAt }: Draft,
  { id, change, firstOpen }: { id: bigint; change: bigint; firstOpen: string | null },
): Recorded {
  const { reputation_e4 } = contributor
  const points = totalPoints({ base, quality_e2: DEFAULT_QUALITY_E2, reputation_e4, demand_e2: article.demand_e2 })
  const week = payingWeek(createdAt, firstOpen)
  return { id, change, contributor: contributor.id, article: article.id, week, points, createdAt }
}

async function insertRows(tx: Tx, drafts: readonly Draft[], rows: readonly Recorded[]): Promise<void> {
  const whole = (of: (details: Details) => number | undefined) =>
    pgArray(drafts.map(({ details }) => (details && of(details)) ?? null))
  await sql`
    insert into contributions.contribution (
      id, contributor, article, change, created_at, week_start, type, base_points, total_points, reputation_e4,
      demand_e2, import, line, description, word_count, images_added, links_added, sources_cited
    )
    select *
    from unnest(
      ${pgArray(rows.map(({ id }) => id))}::bigint[],
      ${pgArray(rows.map(({ contributor }) => contributor))}::bigint[],
      ${pgArray(rows.map(({ article }) => article))}::bigint[],
      ${pgArray(rows.map(({ change }) => change))}::bigint[],
      ${pgTimes(rows.map(({ createdAt }) => createdAt))}::timestamptz[],
      ${pgArray(rows.map(({ week }) => week))}::date[],
      ${pgArray(drafts.map(({ type }) => type))}::contributions.contribution_type[],
      ${pgArray(drafts.map(({ base }) => base))}::int[],
      ${pgArray(rows.map(({ points }) => toSafeInteger(points)))}::int[],
      ${pgArray(drafts.map(({ contributor }) => contributor.reputation_e4))}::smallint[],
      ${pgArray(drafts.map(({ article }) => article.demand_e2))}::smallint[],
      ${pgArray(drafts.map(({ source }) => source?.import ?? null))}::int[],
      ${pgArray(drafts.map(({ source }) => source?.line ?? null))}::bigint[],
      ${pgArray(drafts.map(({ details }) => details?.description ?? null))}::text[],
      ${whole(({ wordCount }) => wordCount)}::int[],
      ${whole(({ imagesAdded }) => imagesAdded)}::int[],
      ${whole(({ linksAdded }) => linksAdded)}::int[],
      ${whole(({ sourcesCited }) => sourcesCited)}::int[]
    )
  `.execute(tx)
}
