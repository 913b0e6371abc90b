import { expect, test } from 'vitest'

import { randomOf, type Random } from '../../test/random.ts'
import { type ModelTerms, WikiModel } from '../../test/wiki-model.ts'
import { kontrib, testWiki, type TestWiki, week } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { serialUuid } from '../core/id.ts'
import { setDemand } from './contributions.ts'

/*
 * Random histories, in the database and in a model without one: late work, shared changes, reviews before and after
 * their week was distributed, demand, weeks that are skipped, a minimum that leaves people out, a cap, a treasury that
 * runs dry. Both must agree on every reward, reputation and article to the last unit; the fixture checks the rest.
 */

const STEPS = 120
const SEEDS = [1, 2, 3, 4, 5, 6]
const PEOPLE = ['ada', 'bob', 'cyd', 'dan', 'eve', 'É', 'é', 'z-9']
const ARTICLES = ['common/tar', 'common/ls', 'linux/ip', 'osx/say']
const TYPES = ['creation', 'major_edit', 'minor_edit', 'translation'] as const

test.each(SEEDS)('the history of seed %i comes to what the model says', async (seed) => {
  const random = randomOf(seed)
  const terms = {
    minimum: kontrib(random.pick([1, 400, 1_000])),
    max_share_bps: random.pick([10_000, 10_000, 4_000]),
    quorum: random.pick([1, 3]),
    reviewsPerDay: random.pick([1, 50]),
    // The treasury holds 60,000,000: it lasts for 60 weeks of this pool, or for 59 of it and part of another.
    pool: kontrib(random.pick([4_000, 10_000, 1_000_000])),
  }
  await using t = await testWiki({ parameters: parametersOf(terms) })
  const model = new WikiModel(terms, kontrib(60_000_000))
  const history = { t, model, random, changes: [] as string[] }
  for (let step = 0; step < STEPS; step++) await takeStep(history)
  t.clock.set(new Date(t.clock.now().getTime() + 14 * 86_400_000))
  model.distribute(t.clock.now())
  await t.distribute(t.clock.now())
  await compare(t, model)
})

interface History {
  t: TestWiki
  model: WikiModel
  random: Random
  /** The public id of the first contribution of each change. */
  changes: string[]
}

async function takeStep(history: History): Promise<void> {
  const { t, model, random, changes } = history
  t.clock.set(new Date(t.clock.now().getTime() + random.below(random.chance(12) ? 9 * 86_400_000 : 8 * 3_600_000)))
  const roll = random.below(100)
  if (roll < 50 || changes.length === 0) await record(history)
  else if (roll < 82) await review(history)
  else if (roll < 88) await demand(history)
  else {
    const through = random.chance(70) ? t.clock.now() : week(random.below(20))
    if (through > t.clock.now()) return
    model.distribute(through)
    await t.distribute(through)
  }
}

async function record({ t, model, random, changes }: History): Promise<void> {
  const people = [...new Set(Array.from({ length: 1 + random.below(3) }, () => random.pick(PEOPLE)))]
  const [type, article] = [random.pick(TYPES), random.pick(ARTICLES)]
  // Some of it is older than the economy, and some belongs to weeks that were distributed.
  const at = new Date(t.clock.now().getTime() - (random.chance(25) ? random.below(20 * 86_400_000) : 0))
  const [id] = await t.record(people, { type, article, at })
  model.record({ change: changes.push(id!) - 1, type, article, people, at })
}

async function review({ t, model, random, changes }: History): Promise<void> {
  const change = random.chance(60) ? changes.length - 1 : random.below(changes.length)
  const staff = random.chance(15)
  const reviewer = staff && random.chance(50) ? null : random.pick(PEOPLE)
  const score_e2 = 50 + random.below(251)
  const allowed = model.review({ change, reviewer, staff, score_e2, at: t.clock.now() })
  const reviewing = t.review(changes[change]!, reviewer, score_e2, { staff })
  if (allowed) await reviewing
  else
    await expect(reviewing).rejects.toMatchObject({ code: expect.stringMatching(/^(week_distributed|self_review)$/) })
}

async function demand({ t, model, random }: History): Promise<void> {
  const name = random.pick(ARTICLES)
  const row = await t.db.selectFrom('contributions.article').selectAll().where('name', '=', name).executeTakeFirst()
  if (!row) return
  const demand_e2 = random.chance(30) ? null : 100 + random.below(151)
  const article = serialUuid(row.id, row.created_at)
  await transaction(t.db, async (tx) => {
    await setDemand(tx, { article, demand_e2, actor: 'key:staff', now: t.clock.now() })
  })
  model.setDemand(name, demand_e2)
}

async function compare(t: TestWiki, model: WikiModel): Promise<void> {
  expect(model.weeks.length).toBeGreaterThan(5)
  const weeks = await t.db
    .selectFrom('contributions.weekly_distribution')
    .select(['week_start', 'total_tokens', 'new_points', 'carried_points'])
    .orderBy('week_start')
    .execute()
  expect(weeks.map((row) => [row.week_start, row.total_tokens, row.new_points, row.carried_points])).toEqual(
    model.weeks.map(({ week: of, paid, newPoints, waiting }) => [of, paid, newPoints, waiting]),
  )
  const rewards = model.rewards.map(({ week: of, person, amount }) => [of, person, amount])
  expect(await t.rewards()).toEqual(rewards)
  for (const person of new Set(model.work.map((one) => one.person))) {
    const total = model.work.filter((one) => one.person === person).reduce((sum, one) => sum + model.points(one), 0n)
    const { reputation_e4, total_points } = await t.contributor(person)
    expect({ person, reputation_e4, total_points }).toEqual({
      person,
      reputation_e4: model.reputation(person),
      total_points: total,
    })
    const earned = model.rewards
      .filter((reward) => reward.person === person)
      .reduce((sum, { amount }) => sum + amount, 0n)
    expect(await t.balance(await t.wallet(person))).toBe(earned)
  }
  const articles = await t.db.selectFrom('contributions.article').select(['name', 'total_tokens_earned']).execute()
  for (const { name, total_tokens_earned } of articles) expect(total_tokens_earned, name).toBe(model.earned(name))
}

function parametersOf({ pool, minimum, max_share_bps, quorum, reviewsPerDay }: ModelTerms) {
  return {
    weekly_pool: `${pool / kontrib(1)}`,
    min_tokens_per_user: `${minimum / kontrib(1)}`,
    max_share_bps,
    quality_quorum: quorum,
    reviews_per_day: reviewsPerDay,
  }
}
