import type { Command } from 'commander'

import { AppError } from '../core/errors.ts'
import { formatAmount } from '../core/money.ts'
import { encodeBase64 } from '../ledger/log/base64.ts'
import { type Checkpoint, readCheckpoint } from '../ledger/log/checkpoint.ts'
import { isEventReceipt, type ProvenEvent, verifyEventReceipt } from '../ledger/log/event-receipt.ts'
import type { Verifier } from '../ledger/log/keys.ts'
import { type ProvenPosting, verifyReceipt } from '../ledger/log/receipt.ts'
import { type Logged, parseTlogProof, type Trust } from '../ledger/log/tlog-proof.ts'
import { textOf as readText } from './files.ts'
import { count } from './table.ts'
import type { Terminal } from './terminal.ts'
import { expectOption, readCheckpoints, readVkeys, vkeyOption } from './trust.ts'

/** `florin verify-proof`: needs neither database nor server nor settings. */
export function configureVerifyProof(command: Command, terminal: Terminal): void {
  command
    .description(
      'Verify that one posting or audit event is in the log, from the two files that "florin export proof" wrote, and say what they prove. What you trust is a checkpoint that you kept, or the key that the log signs with. Exits with 1 when they prove nothing.',
    )
    .argument('<receipt>', 'what is to be proven, with its salts (.receipt.json)')
    .argument('<proof>', 'its place in the log (.tlog-proof)')
    .addOption(expectOption())
    .addOption(vkeyOption())
    .action(async (receipt: string, proof: string, options: TrustOptions) => {
      await run(terminal, { receipt, proof, ...options })
    })
}

async function run(terminal: Terminal, files: ProofFiles & TrustOptions): Promise<void> {
  const [expected, vkeys] = [await readCheckpoints(files.expect), await readVkeys(files.vkey)]
  const [receipt, proof] = [await readText(files.receipt), await readText(files.proof)]
  const trusts = trustsFor(proof, { expected, vkeys })
  if (isEventReceipt(receipt)) {
    const event = withAny(trusts, (trust) => verifyEventReceipt({ receipt, proof, trust }))
    await terminal.answer({ ok: true, ...eventView(event) }, eventText(event))
    return
  }
  const posting = withAny(trusts, (trust) => verifyReceipt({ receipt, proof, trust }))
  await terminal.answer({ ok: true, ...view(posting) }, textOf(posting))
}

/** While a log changes its key, one of several will do. Fails: as `verify`, for the first. */
function withAny<Proven>([trust, ...others]: readonly Trust[], verify: (trust: Trust) => Proven): Proven {
  try {
    return verify(trust ?? {})
  } catch (error) {
    if (others.length === 0 || !(error instanceof AppError)) throw error
    try {
      return withAny(others, verify)
    } catch {
      throw error
    }
  }
}

/** What of the given checkpoints and keys speaks of the log that the proof is of. */
function trustsFor(proof: string, { expected, vkeys }: { expected: Checkpoint[]; vkeys: Verifier[] }): Trust[] {
  const shown = readCheckpoint(parseTlogProof(proof).checkpoint)
  const head = expected.find(({ origin, size }) => origin === shown.origin && size === shown.size) ?? expected[0]
  const keys = vkeys.filter(({ name }) => name === shown.origin)
  const byHead = head && { expected: head }
  const known = keys.length > 0 ? keys : vkeys.slice(0, 1)
  return known.length > 0 ? known.map((log) => ({ log, ...byHead })) : [byHead ?? {}]
}

function view({ log, effectiveAt, recordedAt, amount, scale, fromLine, toLine, ...posting }: ProvenPosting) {
  return {
    ...posting,
    amount: formatAmount(amount, scale),
    from_balance: fromLine && formatAmount(fromLine.balance, scale),
    to_balance: toLine && formatAmount(toLine.balance, scale),
    effective_at: effectiveAt.toISOString(),
    recorded_at: recordedAt.toISOString(),
    ...placeView(log),
  }
}

function eventView({ log, at, ...event }: ProvenEvent) {
  return { ...event, at: at.toISOString(), ...placeView(log) }
}

function placeView({ checkpoint, index, signedBy }: Logged) {
  return {
    leaf: index,
    checkpoint: { origin: checkpoint.origin, size: checkpoint.size, root: encodeBase64(checkpoint.root) },
    signed_by: signedBy.map(({ name }) => name),
  }
}

function textOf(posting: ProvenPosting): string {
  const { id, kind, reference, from, to, asset, postings, no, log, metadata, actor } = posting
  const { amount, from_balance, to_balance, recorded_at, effective_at } = view(posting)
  const after = (balance: string | null) => (balance === null ? '' : `, which then held ${balance} ${asset}`)
  const lines = [
    `Proven: ${amount} ${asset} went`,
    `  from ${from}${after(from_balance)}`,
    `  to   ${to}${after(to_balance)}`,
    `by the entry ${id} (${kind}${reference === null ? '' : `, reference ${printable(reference)}`}),`,
    `effective ${effective_at}, recorded ${recorded_at}.`,
    ...(metadata === undefined ? [] : [`Its metadata: ${printable(JSON.stringify(metadata))}.`]),
    ...(actor === undefined ? [] : [`It was recorded by ${printable(actor ?? 'nobody')}.`]),
    ...placeText(log),
    `The entry has ${count(postings)} postings; this is number ${no}, and nothing is said of the others.`,
  ]
  return lines.join('\n')
}

function eventText({ id, action, subject, at, actor, diff, log }: ProvenEvent): string {
  const lines = [
    `Proven: ${printable(action)} of ${printable(subject)}`,
    `by the audit event ${id}, at ${at.toISOString()}.`,
    ...(actor === undefined ? [] : [`It was done by ${printable(actor ?? 'nobody')}.`]),
    ...(diff === undefined ? [] : [`What it changed: ${printable(JSON.stringify(diff))}.`]),
    ...placeText(log),
  ]
  return lines.join('\n')
}

function placeText(log: Logged): string[] {
  const { leaf, checkpoint, signed_by } = placeView(log)
  return [
    `It is leaf ${count(leaf)} of ${count(checkpoint.size)} in the log ${checkpoint.origin},`,
    signed_by.length > 0
      ? `whose head is signed by ${[...new Set(signed_by)].join(', ')}.`
      : 'under the head that you kept.',
  ]
}

/** What others wrote may not steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}

interface ProofFiles {
  receipt: string
  proof: string
}

interface TrustOptions {
  expect: string[]
  vkey: string[]
}
