import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { type Command, Option } from 'commander'

import { snapshot, type Tx } from '../core/db.ts'
import { writeDurably } from '../core/durable-file.ts'
import { Invalid } from '../core/errors.ts'
import { type LeafProof, proveEntry, proveEvent } from '../ledger/log/proofs.ts'
import { sealBacklog } from './checkpoint.ts'
import { economyOption, parseNumber, withEconomy } from './context.ts'
import type { Terminal } from './terminal.ts'
import { readCheckpoints } from './trust.ts'

/** `florin export proof`: of a posting of an entry, or with --audit of an audit event. */
export function configureExportProof(command: Command, terminal: Terminal): void {
  command
    .description(
      'Write the two files that prove one posting, or one audit event, to somebody who trusts a checkpoint: "florin verify-proof" reads them. They say nothing of the entry’s other postings.',
    )
    .argument('[entry]', 'the entry’s id')
    .addOption(economyOption())
    .option('--posting <number>', 'which of its postings, from 0', parseNumber)
    .option('--audit <id>', 'an audit event instead')
    .requiredOption('-o, --output <folder>', 'where to')
    .option('--under <checkpoint>', 'a checkpoint that the reader has (the newest unless given)')
    .addOption(
      new Option('--disclose <what...>', 'show this too').choices(Object.keys({ ...POSTING_SHOWS, ...EVENT_SHOWS })),
    )
    .action(async (entry: string | undefined, options: ProofOptions) => await run(terminal, entry, options))
}

/** Fails: proof_of_nothing, disclosure_impossible, then as what is proven. */
async function run(terminal: Terminal, entry: string | undefined, options: ProofOptions): Promise<void> {
  const { economy: name, output, under } = options
  const [checkpoint] = under === undefined ? [] : await readCheckpoints([under])
  const prove = asked(entry, options)
  await withEconomy(terminal, name, async (economy) => {
    await sealBacklog(economy)
    const made = await snapshot(economy.db, async (tx) => await prove(tx, checkpoint?.size))
    await mkdir(output, { recursive: true })
    const base = join(output, made.file)
    const files = { receipt: `${base}.receipt.json`, proof: `${base}.tlog-proof` }
    await writeDurably(files.receipt, `${JSON.stringify(made.receipt, null, 2)}\n`, { mode: 0o644 })
    await writeDurably(files.proof, made.proof, { mode: 0o644 })
    const { position, block } = made
    const data = { ...made.of, leaf: position, origin: block.origin, tree_size: block.tree_size, ...files }
    await terminal.answer(data, `${files.receipt}\n${files.proof}`)
    if (terminal.json) return
    const command = `florin verify-proof ${files.receipt} ${files.proof} --expect CHECKPOINT`
    terminal.note(`Leaf ${position} of ${block.origin} at ${block.tree_size} leaves. Verify with:\n${command}`)
  })
}

function asked(entry: string | undefined, { audit, posting, disclose = [] }: ProofOptions): Prove {
  if (audit !== undefined && entry === undefined && posting === undefined) {
    const shown = disclosing(disclose, EVENT_SHOWS)
    return async (tx, treeSize) => {
      const proven = await proveEvent(tx, { id: audit, disclose: shown, treeSize })
      return { ...proven, file: `${audit}-audit`, of: { event: audit } }
    }
  }
  if (audit !== undefined || entry === undefined || posting === undefined) {
    throw new Invalid('proof_of_nothing', 'Say the id of an entry and which --posting, or an event with --audit.')
  }
  const shown = disclosing(disclose, POSTING_SHOWS)
  return async (tx, treeSize) => {
    const proven = await proveEntry(tx, { id: entry, postings: [posting], disclose: shown, treeSize })
    return { ...proven, receipt: proven.receipts[0], file: `${entry}-posting-${posting}`, of: { entry, posting } }
  }
}

function disclosing(disclose: readonly string[], shows: Readonly<Record<string, string>>): Record<string, true> {
  const odd = disclose.find((what) => !Object.hasOwn(shows, what))
  if (odd !== undefined) throw new Invalid('disclosure_impossible', `What is proven here has no ${odd} to show.`)
  return Object.fromEntries(disclose.map((what) => [shows[what], true as const]))
}

/** How each is named among the options, and by the ledger. */
const POSTING_SHOWS = {
  'from-balance': 'fromBalance',
  'to-balance': 'toBalance',
  metadata: 'metadata',
  actor: 'actor',
}
const EVENT_SHOWS = { actor: 'actor', diff: 'diff' }

type Prove = (tx: Tx, treeSize: bigint | undefined) => Promise<Proven>

interface Proven extends LeafProof {
  receipt: unknown
  /** What both files are called, without the ending. */
  file: string
  of: object
}

interface ProofOptions {
  economy: string
  posting?: number
  audit?: string
  output: string
  under?: string
  disclose?: string[]
}
