import { type Command, Option } from 'commander'

import type { EventFilters } from '../core/audit.ts'
import { snapshot } from '../core/db.ts'
import { AUDIT_FORMATS, type AuditFormat, exportEvents } from '../economy/audit-export.ts'
import { exportJournal, JOURNAL_FORMATS, type JournalFormat } from '../ledger/journal.ts'
import { exportLog } from '../ledger/log/export-log.ts'
import { sealBacklog } from './checkpoint.ts'
import { economyOption, parseDate, withEconomy } from './context.ts'
import { configureExportProof } from './export-proof.ts'
import { deliver } from './files.ts'
import type { Terminal } from './terminal.ts'

/** `florin export journal | log | audit | proof`. */
export function configureExport(command: Command, terminal: Terminal): void {
  command
    .command('journal')
    .description(
      'Write the books for other tools. hledger checks every entry and every balance: florin export journal … | hledger -f - check -s ordereddates',
    )
    .addOption(economyOption())
    .addOption(new Option('-f, --format <format>', 'how').choices(JOURNAL_FORMATS).makeOptionMandatory())
    .option('-o, --output <file>', 'where to; compressed if it ends in .gz (stdout unless given)')
    .option('--from <date>', 'what took effect on this day or later', parseDate)
    .option('--to <date>', 'what took effect before this day', parseDate)
    .action(async (options: JournalOptions) => await journal(terminal, options))
  command
    .command('log')
    .description(
      'Write the whole log, so that somebody else can verify it with "florin verify-export". It shows everything that was not erased: it is for auditors.',
    )
    .addOption(economyOption())
    .option('-o, --output <file>', 'where to; compressed if it ends in .gz (stdout unless given)')
    .action(async (options: LogOptions) => await log(terminal, options))
  command
    .command('audit')
    .description('Write the audit trail, oldest first: who did what to whom, and what it changed.')
    .addOption(economyOption())
    .addOption(new Option('-f, --format <format>', 'how').choices(AUDIT_FORMATS).makeOptionMandatory())
    .option('-o, --output <file>', 'where to; compressed if it ends in .gz (stdout unless given)')
    .option('--from <date>', 'what was done on this day or later', parseDate)
    .option('--until <date>', 'what was done before this day', parseDate)
    .option('--action <action>', 'only this, or all that begins so: "key.*"')
    .option('--actor <actor>', 'only what they did: "key:<id>", "person:<id>", "cli:<user>"')
    .option('--subject <subject>', 'only what was done to this: "parameter:weekly_pool"')
    .action(async (options: AuditOptions) => await audit(terminal, options))
  configureExportProof(command.command('proof'), terminal)
}

async function journal(terminal: Terminal, { economy: name, format, output, from, to }: JournalOptions): Promise<void> {
  await withEconomy(terminal, name, async ({ db }) => {
    await snapshot(db, async (tx) => {
      await deliver(terminal, { output, what: 'the journal', pieces: exportJournal(tx, { format, from, to }) })
    })
  })
}

async function audit(terminal: Terminal, { economy: name, output, ...asked }: AuditOptions): Promise<void> {
  await withEconomy(terminal, name, async (economy) => {
    await sealBacklog(economy)
    await snapshot(economy.db, async (tx) => {
      await deliver(terminal, { output, what: 'the audit trail', pieces: exportEvents(tx, asked) })
    })
  })
}

async function log(terminal: Terminal, { economy: name, output }: LogOptions): Promise<void> {
  await withEconomy(terminal, name, async (economy) => {
    await sealBacklog(economy)
    await snapshot(economy.db, async (tx) => {
      const lines = exportLog(tx, { economy: name, vkeys: economy.log.vkeys })
      await deliver(terminal, { output, what: 'the log', pieces: jsonLines(lines) })
    })
  })
}

const LINES_PER_PIECE = 1_000

async function* jsonLines(lines: AsyncIterable<unknown>): AsyncGenerator<string> {
  let piece: string[] = []
  for await (const line of lines) {
    piece.push(`${JSON.stringify(line)}\n`)
    if (piece.length < LINES_PER_PIECE) continue
    yield piece.join('')
    piece = []
  }
  yield piece.join('')
}

interface JournalOptions {
  economy: string
  format: JournalFormat
  output?: string
  from?: Date
  to?: Date
}

interface LogOptions {
  economy: string
  output?: string
}

interface AuditOptions extends EventFilters {
  economy: string
  format: AuditFormat
  output?: string
}
