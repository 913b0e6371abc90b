import { sql } from 'kysely'

import { pgArray, type Tx } from '../core/db.ts'
import { formatDecimal } from '../core/decimal.ts'
import { ensurePeople } from '../identity/identity.ts'
import { articleView } from './article-view.ts'
import { findArticlesByName } from './articles-queries.ts'
import { ensureArticles } from './articles.ts'
import { contributorView } from './contributor-view.ts'
import { contributorsNamed } from './contributors-queries.ts'
import { applyDeltas, countAdded, noDeltas } from './counters.ts'
import type { ArticleDocument, Told, UserDocument } from './documents-file.ts'
import { type Brought, type Difference, type LineError, NOTHING_BROUGHT, type Numbered } from './import-format.ts'
import { rewardAsset, termsAt } from './parameters.ts'
import { noteImported } from './people.ts'
import { weekOf } from './weeks.ts'

/*
 * Users and articles of the document's collections. Who and what is new is taken in; what is known stays as it is. What
 * follows from the books and from contributions is compared only: it is never believed.
 */

/** People who are new, with the time since when they take part. */
export async function takeUsers(tx: Tx, lines: readonly Numbered<UserDocument>[], at: At): Promise<Brought> {
  const { now, import: source } = at
  const people = lines.map(({ item }) => ({ username: item.username, joinedAt: item.joinedAt }))
  const { ids, added } = await ensurePeople(tx, { people, now })
  await noteImported(tx, { people: added, import: source })
  const joined = await joinedAtOf(tx, [...ids.values()])
  const asset = await rewardAsset(tx, now)
  const rows = await contributorsNamed(tx, { usernames: [...ids.keys()], asset: asset.code, at: now })
  const known = new Map(rows.map((row) => [row.username, contributorView(row, asset)]))
  const differences = lines.flatMap(({ line, item: { username, told } }) => {
    const ours = { ...NEW_USER, ...known.get(username), joined_at: joined.get(username) }
    return compare({ line, of: username, told, ours })
  })
  return { ...NOTHING_BROUGHT, people: added.length, differences }
}

/** Articles that are new, with what staff had said of them. */
export async function takeArticles(tx: Tx, lines: readonly Numbered<ArticleDocument>[], at: At): Promise<Brought> {
  const { now, import: source } = at
  const names = lines.map(({ item }) => item.name)
  const before = new Set((await findArticlesByName(tx, names)).map(({ name }) => name))
  const items = [...new Map(lines.map(({ item }) => [item.name, item])).values()]
  const { added } = await ensureArticles(tx, items, { import: source })
  await markArticles(tx, { items: items.filter(({ name }) => !before.has(name)), import: source })
  const deltas = noDeltas()
  countAdded(deltas, { articles: added })
  deltas.weeks.set(weekOf(now), { contributions: 0, points: 0n })
  await applyDeltas(tx, deltas)
  const asset = await rewardAsset(tx, now)
  const rows = await findArticlesByName(tx, names)
  const known = new Map(rows.map((row) => [row.name, articleView(row, asset)]))
  const differences = lines.flatMap(({ line, item: { name, told } }) => {
    const { token_metadata: marks, ...ours } = known.get(name)!
    const named = Object.fromEntries(Object.entries(marks).map(([mark, set]) => [`token_metadata.${mark}`, set]))
    return compare({ line, of: name, told, ours: { ...ours, ...named } })
  })
  return { ...NOTHING_BROUGHT, articles: added, differences }
}

/** Demands beyond the parameters' bounds are refused. */
export async function checkArticles(
  tx: Tx,
  lines: readonly Numbered<ArticleDocument>[],
  { now }: { now: Date },
): Promise<LineError[]> {
  const { demand } = await termsAt(tx, now)
  return lines
    .filter(({ item: { demand_e2: e2 } }) => e2 !== null && (e2 < demand.min || e2 > demand.max))
    .map(({ line }) => ({
      line,
      field: 'demand_score',
      code: 'demand_out_of_range',
      message: `Line ${line}, field demand_score: it is ${formatDecimal(demand.min, 2)} to ${formatDecimal(demand.max, 2)}.`,
    }))
}

interface At {
  import: number
  now: Date
}

/** What is said of somebody who has done nothing here. */
const NEW_USER = {
  wallet_address: null,
  reputation_score: '1',
  total_contributions: 0,
  total_points: 0,
  total_tokens_earned: '0',
  staked_tokens: '0',
  governance_power: '0',
  last_reward_claim: null,
  token_updated_at: null,
}

function compare({ line, of, told, ours }: Compare): Difference[] {
  return Object.entries(told).flatMap(([field, theirs]) => {
    const value = textOf(ours[field])
    return theirs === undefined || theirs === value ? [] : [{ line, of, field, theirs, ours: value }]
  })
}

function textOf(value: Known | undefined): string {
  if (value === null || value === undefined) return 'none'
  return value instanceof Date ? value.toISOString() : String(value)
}

async function joinedAtOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Date>> {
  const { rows } = await sql<{ username: string; joined_at: Date }>`
    select username, joined_at
    from identity.person
    where id = any (${pgArray(ids)}::uuid[])
  `.execute(tx)
  return new Map(rows.map(({ username, joined_at }) => [username, joined_at]))
}

async function markArticles(
  tx: Tx,
  { items, import: source }: { items: readonly ArticleDocument[]; import: number },
): Promise<void> {
  if (items.length === 0) return
  await sql`
    update contributions.article
    set staff_demand_e2 = new.demand_e2, featured = new.featured, expert_reviewed = new.expert_reviewed
    from unnest(
      ${pgArray(items.map(({ name }) => name))}::text[],
      ${pgArray(items.map(({ demand_e2 }) => demand_e2))}::smallint[],
      ${pgArray(items.map(({ featured }) => `${featured}`))}::boolean[],
      ${pgArray(items.map(({ expertReviewed }) => `${expertReviewed}`))}::boolean[]
    ) as new (name, demand_e2, featured, expert_reviewed)
    where article.name = new.name and article.import = ${source}
  `.execute(tx)
}

interface Compare {
  line: number
  of: string
  told: Told
  ours: Readonly<Record<string, Known | undefined>>
}

/** What we know of a field. */
type Known = string | number | bigint | boolean | Date | null
