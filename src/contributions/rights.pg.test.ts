import { sql } from 'kysely'
import { describe, expect, inject, test } from 'vitest'

import { testWiki, type TestWiki, week } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { withSession } from '../core/session.ts'

/** A week of two people, distributed, with a review and a reputation that moved. */
async function distributedWeek(): Promise<TestWiki> {
  const t = await testWiki()
  const [id] = await t.record('ada')
  await t.record('bob')
  await t.review(id!, 'bob', 300, { staff: true })
  await t.distribute(week(1))
  return t
}

/** What the service may do to take back an import, and a trigger keeps to what was imported and is not yet paid. */
const TAKEN_BACK = new Set(['delete from contributions.review', 'delete from contributions.contribution'])
const STAYS = /is append-only|was distributed|was not imported: it stays/

const APPEND_ONLY = ['review', 'quality_change', 'reputation_change', 'token_reward']

describe('a member', () => {
  test('reads contributions, articles and distributions, and of the rest what is theirs', async () => {
    await using t = await distributedWeek()
    const ada = (await t.wallet('ada')).split(':')[1]!
    const counted = async (user: string) =>
      await transaction(t.db, async (tx) => {
        await sql.raw(`set local role "${inject('postgres').roles.member}"`).execute(tx)
        await sql`select set_config('app.user_id', ${user}, true)`.execute(tx)
        const { rows } = await sql<Record<string, bigint>>`
          select
            (select count(*) from contributions.contribution) as contributions,
            (select count(*) from contributions.article) as articles,
            (select count(*) from contributions.weekly_distribution) as distributions,
            (select count(*) from contributions.contributor) as contributors,
            (select count(*) from contributions.token_reward) as rewards,
            (select count(*) from contributions.reputation_change) as reputations,
            (select count(*) from contributions.review) as reviews
        `.execute(tx)
        return rows[0]
      })
    const everybody = { contributions: 3n, articles: 1n, distributions: 1n }
    expect(await counted(ada)).toEqual({ ...everybody, contributors: 1n, rewards: 1n, reputations: 1n, reviews: 0n })
    expect(await counted('')).toEqual({ ...everybody, contributors: 0n, rewards: 0n, reputations: 0n, reviews: 0n })
  })

  test.each(['payment', 'tally', 'import', 'page', 'quality_change'])('does not read %s', async (table) => {
    await using t = await testWiki()
    const reading = transaction(t.db, async (tx) => {
      await sql.raw(`set local role "${inject('postgres').roles.member}"`).execute(tx)
      await sql.raw(`select from contributions.${table}`).execute(tx)
    })
    await expect(reading).rejects.toThrow('permission denied')
  })
})

describe('history', () => {
  test('can be rewritten by nobody: the service lacks the right, and a trigger stops whoever has it', async () => {
    await using t = await distributedWeek()
    const statements = [
      ...APPEND_ONLY.flatMap((table) => [
        `delete from contributions.${table}`,
        `truncate contributions.${table} cascade`,
      ]),
      `update contributions.token_reward set token_amount = token_amount + 1`,
      `update contributions.review set score_e2 = 50`,
      `update contributions.weekly_distribution set total_tokens = 0`,
      `update contributions.payment set amount = 1`,
      `delete from contributions.weekly_distribution`,
      `delete from contributions.payment`,
      `delete from contributions.contribution`,
      `truncate contributions.contribution cascade`,
    ]
    await withSession({ url: t.adminUrl }, async (client) => {
      for (const statement of statements) {
        const refusal = TAKEN_BACK.has(statement) ? STAYS : 'permission denied'
        await expect(sql.raw(statement).execute(t.db), statement).rejects.toThrow(refusal)
        await expect(client.query(statement), statement).rejects.toThrow(STAYS)
      }
    })
  })

  test('of a distributed week stays as it was paid for, and a payment is made once', async () => {
    await using t = await distributedWeek()
    for (const statement of [
      'update contributions.contribution set quality_e2 = 200',
      'update contributions.payment set entry = entry + 1',
    ]) {
      await expect(sql.raw(statement).execute(t.db), statement).rejects.toThrow(/is append-only|was distributed/)
    }
  })

  test('holds points that are what their factors make, or is refused', async () => {
    await using t = await testWiki()
    await t.record('ada')
    const change = sql`update contributions.contribution set total_points = total_points + 1`.execute(t.db)
    await expect(change).rejects.toThrow('contribution_total_points')
  })
})
