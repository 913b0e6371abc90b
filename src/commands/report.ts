import type { Command } from 'commander'
import { stringify } from 'csv-stringify/sync'

import { type ContributorTotals, reportContributors } from '../contributions/contributions.ts'
import { snapshot } from '../core/db.ts'
import { economyOption, parseNumber, withEconomy } from './context.ts'
import { deliver } from './files.ts'
import { reportRewards } from './report-rewards.ts'
import { type Terminal, toJson } from './terminal.ts'

/** `florin report contributors | rewards`. */
export function configureReport(command: Command, terminal: Terminal): void {
  command
    .command('contributors')
    .description(
      'Everybody who contributed, those with the most points first, as CSV: username, total_contributions, total_points, total_tokens_earned. With --json a line of JSON for each.',
    )
    .addOption(economyOption())
    .option('-o, --output <file>', 'where to; compressed if it ends in .gz (stdout unless given)')
    .action(async (options: ReportOptions) => await contributors(terminal, options))
  command
    .command('rewards')
    .description('What somebody was rewarded, the newest first, with what "florin export proof" needs to prove it.')
    .argument('<username>', 'as the first report names them')
    .addOption(economyOption())
    .option('--limit <number>', 'how many', parseNumber, REWARDS_SHOWN)
    .action(async (username: string, { economy, limit }: { economy: string; limit: number }) => {
      await reportRewards(terminal, { economy, username, limit })
    })
}

const REWARDS_SHOWN = 20

async function contributors(terminal: Terminal, { economy: name, output }: ReportOptions): Promise<void> {
  await withEconomy(terminal, name, async ({ db, clock }) => {
    await snapshot(db, async (tx) => {
      const pages = reportContributors(tx, { now: clock.now() })
      // A file is CSV whatever the answer is.
      const pieces = terminal.json && output === undefined ? asJsonLines(pages) : asCsv(pages)
      await deliver(terminal, { output, what: 'the report', pieces })
    })
  })
}

async function* asCsv(pages: AsyncIterable<ContributorTotals[]>): AsyncGenerator<string> {
  yield stringify([['username', 'total_contributions', 'total_points', 'total_tokens_earned']])
  for await (const page of pages) {
    yield stringify(
      page.map((row) => [row.username, row.totalContributions, `${row.totalPoints}`, row.totalTokensEarned]),
      // What people are named must not run as a spreadsheet's formula.
      { escape_formulas: true },
    )
  }
}

async function* asJsonLines(pages: AsyncIterable<ContributorTotals[]>): AsyncGenerator<string> {
  for await (const page of pages) {
    yield page
      .map((row) => ({
        username: row.username,
        total_contributions: row.totalContributions,
        total_points: row.totalPoints,
        total_tokens_earned: row.totalTokensEarned,
      }))
      .map((view) => `${toJson(view)}\n`)
      .join('')
  }
}

interface ReportOptions {
  economy: string
  output?: string
}
