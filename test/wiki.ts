import { sql } from 'kysely'

import { KONTRIB } from '../blueprints/kontrib.ts'
import { type Distribution, distributeThrough, recordChange, reviewChange } from '../src/contributions/contributions.ts'
import { type Db, transaction } from '../src/core/db.ts'
import { serialUuid } from '../src/core/id.ts'
import type { JsonValue } from '../src/economy/parameter-rules.ts'
import { setParameter } from '../src/economy/parameters.ts'
import { findPerson } from '../src/identity/identity.ts'
import { availableAccount } from '../src/ledger/chart.ts'
import { type Stake, stake } from '../src/staking/staking.ts'
import { testEconomy, type TestEconomy, TEST_START } from './helpers.ts'

/** An economy of the blueprint `kontrib`, and short words for what is done with it. Its first week starts at TEST_START. */
export async function testWiki({ parameters = {}, books = 'checked' }: TestWikiOptions = {}): Promise<TestWiki> {
  const given = Object.entries(parameters)
  const sets = KONTRIB.parameters.map((set) => {
    return { ...set, first: Object.fromEntries(given.filter(([name]) => name in set.of.definitions)) }
  })
  const blueprint = { ...KONTRIB, parameters: sets }
  const economy = await testEconomy({ blueprint, books })
  const { db, clock } = economy
  const personOf = async (username: string) => await findPerson(db, { username })
  return {
    ...economy,
    [Symbol.asyncDispose]: economy[Symbol.asyncDispose],
    record: async (people, { type = 'creation', article = 'common/tar', at = clock.now() } = {}) => {
      const now = at > clock.now() ? at : clock.now()
      const names = [people].flat()
      const recorded = await transaction(db, async (tx) => {
        return await recordChange(tx, { type, article, people: names, createdAt: at, actor: 'key:test', now })
      })
      return recorded.map(({ id, createdAt }) => serialUuid(id, createdAt))
    },
    review: async (contribution, reviewer, score_e2, { staff = false, at = clock.now() } = {}) =>
      await transaction(db, async (tx) => {
        const by = reviewer === null ? {} : { reviewer }
        return await reviewChange(tx, { contribution, ...by, staff, score_e2, actor: 'key:staff', now: at })
      }),
    distribute: async (through, options = {}) => {
      if (clock.now() < through) clock.set(through)
      return await distributeThrough(db, { through, clock, actor: 'cli:test', ...options })
    },
    stake: async (username, amount, { days = 30, at = clock.now() } = {}) => {
      const person = (await personOf(username)).id
      return await transaction(db, async (tx) => {
        return await stake(tx, { pool: 'term', person, amount, days, actor: `person:${person}`, now: at })
      })
    },
    setParameter: async (name, value, from) => {
      const in_force = from && { inForceFrom: from }
      await transaction(db, async (tx) => {
        await setParameter(tx, { name, value, ...in_force, actor: 'cli:test', now: clock.now() })
      })
    },
    contributor: async (username) =>
      await db
        .selectFrom('contributions.contributor as contributor')
        .innerJoin('identity.person as person', 'person.id', 'contributor.person')
        .selectAll('contributor')
        .where('person.username', '=', username)
        .executeTakeFirstOrThrow(),
    rewards: async () => {
      const rows = await db
        .selectFrom('contributions.token_reward as reward')
        .innerJoin('contributions.weekly_distribution as distribution', 'distribution.id', 'reward.distribution')
        .innerJoin('contributions.contributor as contributor', 'contributor.id', 'reward.contributor')
        .innerJoin('identity.person as person', 'person.id', 'contributor.person')
        .select(['distribution.week_start', 'person.username', 'reward.token_amount'])
        .orderBy('distribution.week_start')
        .orderBy('reward.no')
        .execute()
      return rows.map(({ week_start, username, token_amount }) => [week_start, username, token_amount])
    },
    outcome: async () => await outcomeOf(db),
    balance: async (path) => {
      const account = await db
        .selectFrom('ledger.account')
        .select('balance')
        .where('path', '=', path)
        .executeTakeFirst()
      return account?.balance ?? 0n
    },
    wallet: async (username) => availableAccount((await personOf(username)).id),
  }
}

/** All that contributions and distributions have come to, by names: two economies of the same history have the same. */
async function outcomeOf(db: Db): Promise<Record<string, unknown[]>> {
  const queries = {
    people: sql`
      select
        person.username, person.joined_at, contributor.reputation_e4, contributor.total_contributions,
        contributor.total_points, contributor.carried_points, contributor.carried_since, account.balance
      from contributions.contributor
      join identity.person on person.id = contributor.person
      left join ledger.account on account.path = 'users:' || person.id || ':available'
      order by person.username
    `,
    articles: sql`
      select name, contribution_count, last_contribution_date, scored_contributions, quality_sum_e2, total_tokens_earned
      from contributions.article
      order by name
    `,
    distributions: sql`
      select
        week_start, status, pool, total_tokens, new_points, total_points, effective_points_e6, carried_points, user_count
      from contributions.weekly_distribution
      order by week_start
    `,
    rewards: sql`
      select
        distribution.week_start, person.username, reward.no, reward.paid_from, reward.total_points, reward.token_amount
      from contributions.token_reward as reward
      join contributions.weekly_distribution as distribution on distribution.id = reward.distribution
      join contributions.contributor on contributor.id = reward.contributor
      join identity.person on person.id = contributor.person
      order by distribution.week_start, reward.no
    `,
    contributions: sql`
      select
        contribution.created_at, contribution.line, contribution.type, person.username, contribution.week_start,
        contribution.base_points, contribution.total_points
      from contributions.contribution
      join contributions.contributor on contributor.id = contribution.contributor
      join identity.person on person.id = contributor.person
      order by contribution.id
    `,
    treasury: sql`
      select balance, reserved
      from ledger.account
      where path = 'treasury:rewards'
    `,
  }
  const outcome: Record<string, unknown[]> = {}
  for (const [name, query] of Object.entries(queries)) outcome[name] = (await query.execute(db)).rows
  return outcome
}

/** The Monday that the test's week starts on, counted from 0, and a moment so many days into it. */
export function week(number: number, day = 0): Date {
  return new Date(TEST_START.getTime() + (number * 7 + day) * 86_400_000)
}

/** So many whole tokens. */
export function kontrib(tokens: number): bigint {
  return BigInt(tokens) * 1_000_000_000n
}

export interface TestWikiOptions {
  /** First values, other than the blueprint's. */
  parameters?: Record<string, JsonValue>
  /** `unchecked` for a test that damages them on purpose. */
  books?: 'checked' | 'unchecked'
}

export interface TestWiki extends TestEconomy {
  /** Records a change, made by the author first; gives the public ids of its contributions. */
  record(people: string | string[], options?: { type?: string; article?: string; at?: Date }): Promise<string[]>
  review(
    contribution: string,
    reviewer: string | null,
    score_e2: number,
    options?: { staff?: boolean; at?: Date },
  ): Promise<{ id: bigint; quality_e2: number; points: bigint }>
  /** Moves the clock on to `through` if it is not there yet. */
  distribute(
    through: Date,
    options?: {
      dryRun?: boolean
      onProgress?: Parameters<typeof distributeThrough>[1]['onProgress']
    },
  ): Promise<Distribution[]>
  setParameter(name: string, value: JsonValue, from?: Date): Promise<void>
  contributor(username: string): Promise<{
    id: bigint
    reputation_e4: number
    total_contributions: number
    total_points: bigint
    carried_points: bigint
    carried_since: string | null
  }>
  /** Week, username and amount of every reward, in the order of weeks and their rankings. */
  rewards(): Promise<(string | bigint)[][]>
  outcome(): Promise<Record<string, unknown[]>>
  balance(path: string): Promise<bigint>
  wallet(username: string): Promise<string>
  stake(username: string, amount: bigint, options?: { days?: number; at?: Date }): Promise<Stake>
}
