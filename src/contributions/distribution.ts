import type { Clock } from '../core/clock.ts'
import { type Db, transaction, type Tx } from '../core/db.ts'
import { AppError } from '../core/errors.ts'
import { weeksBetween } from '../core/period.ts'
import { creditArticles } from './article-earnings.ts'
import { type Distribution, unfinishedDistribution } from './distribution-row.ts'
import { freezeWeek, type FrozenWeek } from './freeze.ts'
import { type RewardAsset, rewardAsset } from './parameters.ts'
import { markFailed, type Payment, payNext } from './payment.ts'
import { rehearse } from './rehearse.ts'
import { endOfWeek, startOfWeek, weekToDistribute } from './weeks.ts'

/**
 * Distributes every week that ended on or before `through`, oldest first, each once ever, and completes what an earlier
 * run left. A week takes these steps, each a transaction of its own: its amounts are frozen and reserved (`freezeWeek`);
 * they are paid, at most 5,000 people at a time (`payNext`); the articles are credited and it is completed
 * (`creditArticles`). A run that is killed between or within any two of them is continued by the next one, and two runs
 * at once do each step once between them.
 * Moves: treasury:rewards -> users:{person}:available, kind `weekly_reward`, effective at the week's end.
 *
 * With `dryRun` it shows what would be frozen and writes nothing.
 * Fails: treasury_changed (run it again), or as `post` when a payment is refused: the distribution is then `failed` until
 * a later run pays it.
 */
export async function distributeThrough(db: Db, options: DistributeThrough): Promise<Distribution[]> {
  const { through, clock, dryRun = false } = options
  const end = through < clock.now() ? through : clock.now()
  const run: Run = {
    ...options,
    through: end,
    asset: await rewardAsset(db, clock.now()),
    total: await countDue(db, end),
    done: [],
  }
  // Looking whether something is due keeps nobody waiting; freezing does.
  if (run.total === 0 && !(await unfinishedDistribution(db))) return []
  if (dryRun) return await rehearse(db, async (tx) => await freezeAll(tx, { ...run, done: [] }))
  for (;;) {
    const week = await transaction(db, async (tx) => await freezeWeek(tx, freezeOptions(run)))
    if (!week) return run.done
    if (!week.resumed) await report(run, { ...week, step: 'frozen', paid: 0 })
    run.done.push(await settle(db, week, run))
  }
}

export interface DistributeThrough {
  /** Weeks that end later are left alone, as are those that are not over yet. */
  through: Date
  clock: Clock
  actor: string
  dryRun?: boolean | undefined
  /** Told after each step; what it throws ends the run there. */
  onProgress?: ((progress: DistributionProgress) => void | Promise<void>) | undefined
}

export interface DistributionProgress extends FrozenWeek {
  step: 'frozen' | 'paid' | 'completed'
  /** Rewards of this week that are paid. */
  paid: number
  weeksDone: number
  weeksTotal: number
}

async function settle(db: Db, week: FrozenWeek, run: Run): Promise<Distribution> {
  for (let paid = 0; paid < week.userCount;) {
    const payment = await pay(db, week, run)
    paid = payment ? payment.lastReward + 1 : week.userCount
    if (payment) await report(run, { ...week, step: 'paid', paid })
  }
  const credit = { distribution: week.serial, now: run.clock.now() }
  const completed = await transaction(db, async (tx) => await creditArticles(tx, credit))
  await report(run, { ...week, ...completed, step: 'completed', paid: week.userCount }, 1)
  return completed
}

async function pay(db: Db, week: FrozenWeek, { clock, actor }: Run): Promise<Payment | null> {
  try {
    return await transaction(db, async (tx) => await payNext(tx, { week, actor, now: clock.now() }))
  } catch (error) {
    if (error instanceof AppError) {
      await transaction(db, async (tx) => await markFailed(tx, { distribution: week.serial, failure: error.message }))
    }
    throw error
  }
}

/** Each week on top of the one before, as the real run would find it. */
async function freezeAll(tx: Tx, run: Run): Promise<Distribution[]> {
  for (;;) {
    const week = await freezeWeek(tx, { ...freezeOptions(run), rehearsal: true })
    if (!week) return run.done
    await report(run, { ...week, step: 'frozen', paid: 0 }, 1)
    run.done.push(weekOnly(week))
  }
}

function freezeOptions({ through, asset, clock, actor }: Run) {
  return { through, asset, actor, now: clock.now() }
}

async function countDue(db: Db, through: Date): Promise<number> {
  const week = await weekToDistribute(db)
  if (week === null || endOfWeek(week) > through) return 0
  return weeksBetween(startOfWeek(week), through)
}

async function report(
  { onProgress, done, total }: Run,
  progress: Omit<DistributionProgress, 'weeksDone' | 'weeksTotal'>,
  finished = 0,
): Promise<void> {
  const weeksDone = done.length + finished
  await onProgress?.({ ...progress, weeksDone, weeksTotal: Math.max(total, weeksDone) })
}

function weekOnly({ rewards: _rewards, carried: _carried, resumed: _resumed, ...week }: FrozenWeek): Distribution {
  return week
}

interface Run extends DistributeThrough {
  asset: RewardAsset
  total: number
  done: Distribution[]
}
