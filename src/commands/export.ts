import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { type Command, Option } from 'commander'

import { snapshot } from '../core/db.ts'
import { writeDurably } from '../core/durable-file.ts'
import { exportJournal, JOURNAL_FORMATS, type JournalFormat } from '../ledger/journal.ts'
import { exportLog } from '../ledger/log/export-log.ts'
import { proveEntry } from '../ledger/log/proofs.ts'
import { sealBacklog } from './checkpoint.ts'
import { economyOption, parseDate, parseNumber, withEconomy } from './context.ts'
import { deliver } from './files.ts'
import type { Terminal } from './terminal.ts'
import { readCheckpoints } from './trust.ts'

/** `florin export journal | log | proof`. */
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
    .command('proof')
    .description(
      'Write the two files that prove one posting to somebody who trusts a checkpoint: "florin verify-proof" reads them. They say nothing of the entry’s other postings.',
    )
    .argument('<entry>', 'the entry’s id')
    .addOption(economyOption())
    .requiredOption('--posting <number>', 'which of its postings, from 0', parseNumber)
    .requiredOption('-o, --output <folder>', 'where to')
    .option('--under <checkpoint>', 'a checkpoint that the reader has (the newest unless given)')
    .addOption(new Option('--disclose <what...>', 'show this too').choices(Object.keys(DISCLOSURES)))
    .action(async (entry: string, options: ProofOptions) => await proof(terminal, entry, options))
}

async function journal(terminal: Terminal, { economy: name, format, output, from, to }: JournalOptions): Promise<void> {
  await withEconomy(terminal, name, async ({ db }) => {
    await snapshot(db, async (tx) => {
      await deliver(terminal, { output, what: 'the journal', pieces: exportJournal(tx, { format, from, to }) })
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

async function proof(terminal: Terminal, id: string, options: ProofOptions): Promise<void> {
  const { economy: name, posting: no, output, under, disclose = [] } = options
  const [checkpoint] = under === undefined ? [] : await readCheckpoints([under])
  await withEconomy(terminal, name, async (economy) => {
    await sealBacklog(economy)
    const { position, block, receipts, ...made } = await snapshot(economy.db, async (tx) => {
      const shown = Object.fromEntries(disclose.map((what) => [DISCLOSURES[what], true]))
      return await proveEntry(tx, { id, postings: [no], disclose: shown, treeSize: checkpoint?.size })
    })
    await mkdir(output, { recursive: true })
    const base = join(output, `${id}-posting-${no}`)
    const files = { receipt: `${base}.receipt.json`, proof: `${base}.tlog-proof` }
    await writeDurably(files.receipt, `${JSON.stringify(receipts[0], null, 2)}\n`, { mode: 0o644 })
    await writeDurably(files.proof, made.proof, { mode: 0o644 })
    const data = { entry: id, posting: no, leaf: position, origin: block.origin, tree_size: block.tree_size, ...files }
    const command = `florin verify-proof ${files.receipt} ${files.proof} --expect CHECKPOINT`
    const text = `${files.receipt}\n${files.proof}`
    await terminal.answer(data, text)
    if (!terminal.json)
      terminal.note(`Leaf ${position} of ${block.origin} at ${block.tree_size} leaves. Verify with:\n${command}`)
  })
}

/** How each is named among the options, and by the ledger. */
const DISCLOSURES: { readonly [what: string]: string } = {
  'from-balance': 'fromBalance',
  'to-balance': 'toBalance',
  metadata: 'metadata',
  actor: 'actor',
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

interface ProofOptions {
  economy: string
  posting: number
  output: string
  under?: string
  disclose?: string[]
}
