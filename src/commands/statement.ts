import { type Command, InvalidArgumentError, Option } from 'commander'

import { snapshot } from '../core/db.ts'
import { UUID } from '../core/id.ts'
import { findPerson } from '../identity/identity.ts'
import { yearCsv, yearJson, yearOf, yearPdf, type YearStatement } from '../statements/statements.ts'
import { sealBacklog } from './checkpoint.ts'
import { economyOption, withEconomy } from './context.ts'
import { deliver } from './files.ts'
import type { Terminal } from './terminal.ts'

/** `florin statement`. */
export function configureStatement(command: Command, terminal: Terminal): void {
  command
    .description(
      'What took effect for a member in a calendar year: balances, every line, totals by kind, and the checkpoint that it can be verified with. Under the same checkpoint it is the same file, byte for byte.',
    )
    .argument('<person>', 'a username, or a person’s id')
    .addOption(economyOption())
    .requiredOption('--year <year>', 'such as 2026, in UTC', parseYear)
    .addOption(new Option('-f, --format <format>', 'how').choices(FORMATS).default('pdf'))
    .option(
      '--tree-size <size>',
      'at the first checkpoint that covers so many leaves (the newest unless given)',
      parseSize,
    )
    .option('-o, --output <file>', 'where to; compressed if it ends in .gz (stdout unless given)')
    .action(async (person: string, options: StatementOptions) => await run(terminal, person, options))
}

const FORMATS = ['pdf', 'csv', 'json'] as const

async function run(
  terminal: Terminal,
  who: string,
  { economy: name, year, format, treeSize, output }: StatementOptions,
) {
  await withEconomy(terminal, name, async (economy) => {
    await sealBacklog(economy)
    const statement = await snapshot(economy.db, async (tx) => {
      const person = await findPerson(tx, UUID.test(who) ? { id: who } : { username: who })
      return await yearOf(tx, { person, year, treeSize, now: economy.clock.now() })
    })
    await deliver(terminal, { output, what: 'the statement', pieces: written(statement, { format, economy: name }) })
  })
}

async function* written(statement: YearStatement, { format, economy }: { format: Format; economy: string }) {
  if (format === 'csv') yield yearCsv(statement)
  else if (format === 'json') yield `${JSON.stringify(yearJson(statement), null, 2)}\n`
  else yield await yearPdf(statement, { economy })
}

function parseYear(text: string): number {
  if (/^(19[7-9]\d|[2-9]\d{3})$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a year as 2026.')
}

function parseSize(text: string): bigint {
  if (/^\d{1,15}$/.test(text)) return BigInt(text)
  throw new InvalidArgumentError('Write a whole number.')
}

type Format = (typeof FORMATS)[number]

interface StatementOptions {
  economy: string
  year: number
  format: Format
  treeSize?: bigint
  output?: string
}
