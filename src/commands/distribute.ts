import type { Command } from 'commander'

import { mustBeWritable } from '../app.ts'
import { distributeThrough, type Distribution, type DistributionProgress } from '../contributions/contributions.ts'
import type { Db } from '../core/db.ts'
import { formatAmount } from '../core/money.ts'
import { findAsset } from '../ledger/accounts.ts'
import { cliActor, economyOption, parseDate, withEconomy } from './context.ts'
import { count, table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `florin distribute`. */
export function configureDistribute(command: Command, terminal: Terminal): void {
  command
    .description(
      'Pay the rewards of every week that ended on or before a day, oldest first, each week once ever. Stopped at any moment, it pays what is left when it is run again, and nobody twice.',
    )
    .addOption(economyOption())
    .requiredOption('--through <date>', 'a day such as 2026-08-24, or a moment in UTC', parseDate)
    .option('--dry-run', 'show what would be paid, and write nothing')
    .action(async (options: DistributeCommand) => await run(terminal, options))
}

async function run(terminal: Terminal, { economy: name, through, dryRun = false }: DistributeCommand): Promise<void> {
  await withEconomy(terminal, name, async (economy) => {
    if (!dryRun) mustBeWritable(economy)
    const { db, clock } = economy
    using progress = terminal.progress(dryRun ? 'Calculating' : 'Distributing')
    const onProgress = ({ weeksDone, weeksTotal, week }: DistributionProgress) => {
      progress.update({ done: weeksDone, total: weeksTotal, note: `week of ${week}` })
      if (!dryRun) terminal.resume = `${count(weeksDone)} weeks are paid. ${RESUME}`
      terminal.signal.throwIfAborted()
    }
    if (!dryRun) terminal.resume = RESUME
    const weeks = await distributeThrough(db, { through, clock, actor: cliActor().id, dryRun, onProgress })
    progress[Symbol.dispose]()
    const views = await viewsOf(db, weeks)
    const data = { economy: name, through: through.toISOString(), dry_run: dryRun, distributions: views }
    await terminal.answer(data, textOf(views, { name, dryRun, through }))
  })
}

const RESUME = 'Run the same command again: it completes what was begun and pays the weeks that are left.'
/** A list that is longer says less than its sum. */
const WEEKS_SHOWN = 60

async function viewsOf(db: Db, weeks: readonly Distribution[]): Promise<View[]> {
  const scales = new Map<string, number>()
  const views: View[] = []
  for (const { week, asset, totalTokens, pool, weeklyPool, ...rest } of weeks) {
    const scale = scales.get(asset) ?? (await findAsset(db, asset)).scale
    scales.set(asset, scale)
    views.push({
      id: rest.id,
      week_start: week,
      asset,
      weekly_pool: formatAmount(weeklyPool, scale),
      pool: formatAmount(pool, scale),
      total_tokens: formatAmount(totalTokens, scale),
      user_count: rest.userCount,
      total_points: rest.totalPoints,
      carried_points: rest.carriedPoints,
      carried_count: rest.carriedCount,
    })
  }
  return views
}

function textOf(weeks: readonly View[], { name, dryRun, through }: { name: string; dryRun: boolean; through: Date }) {
  const day = through.toISOString().slice(0, 'YYYY-MM-DD'.length)
  if (weeks.length === 0) return `${name}: no week that ended by ${day} is left to distribute.`
  const paid = weeks.filter(({ user_count }) => user_count > 0).length
  const rewards = weeks.reduce((sum, { user_count }) => sum + user_count, 0)
  const last = weeks.at(-1)?.week_start ?? ''
  const would = dryRun ? 'Would distribute' : 'Distributed'
  const sum = `${would} ${count(weeks.length)} weeks up to that of ${last}: ${count(rewards)} rewards in ${count(paid)} weeks.`
  if (weeks.length > WEEKS_SHOWN) return sum
  const rows = weeks.map((week) => [
    week.week_start,
    `${week.total_tokens} ${week.asset}`,
    count(week.user_count),
    count(week.total_points),
    count(week.carried_points),
  ])
  return `${table(['WEEK OF', 'PAID', 'TO PEOPLE', 'FOR POINTS', 'POINTS THAT WAIT'], rows)}\n${sum}`
}

interface View {
  id: string
  week_start: string
  asset: string
  weekly_pool: string
  pool: string
  total_tokens: string
  user_count: number
  total_points: bigint
  carried_points: bigint
  carried_count: number
}

interface DistributeCommand {
  economy: string
  through: Date
  dryRun?: boolean
}
