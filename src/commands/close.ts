import type { Command } from 'commander'

import { mustBeWritable } from '../app.ts'
import { snapshot, transaction } from '../core/db.ts'
import { closingReportView } from '../ledger/account-view.ts'
import { closingReport } from '../ledger/closing-report.ts'
import { closeBooks } from '../ledger/closing.ts'
import { cliActor, economyOption, parseDate, withEconomy } from './context.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `florin close`. */
export function configureClose(command: Command, terminal: Terminal): void {
  command
    .description(
      'Close the books: nothing may be recorded any more as effective before a day. Books close forward only. Shows the trial balance at that time, and what each kind of entry moved since the closing before.',
    )
    .addOption(economyOption())
    .requiredOption('--before <date>', 'a day such as 2026-01-01, or a moment in UTC', parseDate)
    .option('--dry-run', 'show the report, and close nothing')
    .action(async (options: CloseCommand) => await run(terminal, options))
}

async function run(terminal: Terminal, { economy: name, before, dryRun = false }: CloseCommand): Promise<void> {
  await withEconomy(terminal, name, async (economy) => {
    const { db, clock } = economy
    if (!dryRun) {
      mustBeWritable(economy)
      const by = { before, actor: cliActor().id, now: clock.now() }
      await transaction(db, async (tx) => await closeBooks(tx, by))
    }
    const report = closingReportView(await snapshot(db, async (tx) => await closingReport(tx, { before, depth: 1 })))
    const data = { economy: name, dry_run: dryRun, ...report }
    await terminal.answer(data, textOf(report, { name, dryRun }))
  })
}

type Report = ReturnType<typeof closingReportView>

function textOf(
  { since, before, balances, kinds }: Report,
  { name, dryRun }: { name: string; dryRun: boolean },
): string {
  const groups = balances.flatMap(({ asset, groups: of }) =>
    of.map(({ group, debit, credit }) => [group, debit, credit, asset]),
  )
  const moved = kinds.map(({ kind, entries, amount, asset }) => [kind, `${entries}`, amount, asset])
  const from = since ? `since ${since.toISOString()}` : 'since the beginning'
  return [
    `${name}: the books ${dryRun ? 'would be' : 'are'} closed before ${before.toISOString()}.`,
    `\nWhat was there then:\n${table(['ACCOUNTS', 'DEBIT', 'CREDIT', 'ASSET'], groups)}`,
    `\nWhat moved ${from}:\n${table(['KIND', 'ENTRIES', 'AMOUNT', 'ASSET'], moved)}`,
  ].join('\n')
}

interface CloseCommand {
  economy: string
  before: Date
  dryRun?: boolean
}
