import type { Command } from 'commander'

import type { RunningEconomy } from '../app.ts'
import { snapshot } from '../core/db.ts'
import { checkBooks, checkInvariants } from '../ledger/invariants.ts'
import { encodeBase64 } from '../ledger/log/base64.ts'
import type { Checkpoint } from '../ledger/log/checkpoint.ts'
import { type Block, lastBlock } from '../ledger/log/head.ts'
import type { Verifier } from '../ledger/log/keys.ts'
import { type Finding, verifyLog } from '../ledger/log/verify.ts'
import { sealBacklog } from './checkpoint.ts'
import { economyOption, withEconomy } from './context.ts'
import { EXIT_NO } from './failure.ts'
import { count, counted } from './table.ts'
import type { Terminal } from './terminal.ts'
import { expectOption, readCheckpoints, readVkeys, vkeyOption } from './trust.ts'

/** `florin verify`. */
export function configureVerify(command: Command, terminal: Terminal): void {
  command
    .description(
      'Recompute everything from the entries: balances, holds and what the modules promise, every hash of the log, every block and signature. Exits with 1 when anything does not hold, and says what.',
    )
    .addOption(economyOption())
    .addOption(expectOption())
    .addOption(vkeyOption())
    .action(async (options: VerifyCommand) => await run(terminal, options))
}

async function run(terminal: Terminal, { economy: name, expect, vkey }: VerifyCommand): Promise<void> {
  const [expected, vkeys] = [await readCheckpoints(expect), await readVkeys(vkey)]
  await withEconomy(terminal, name, async (economy) => {
    await sealBacklog(economy)
    const started_ms = performance.now()
    const { head, entries, size, unsealed, findings } = await check(terminal, economy, { expected, vkeys })
    const duration_ms = Math.max(1, Math.round(performance.now() - started_ms))
    const entries_per_s = Math.round((entries * 1000) / duration_ms)
    const summary = {
      economy: name,
      ok: findings.length === 0,
      entries,
      leaves: size,
      unsealed,
      blocks: (head?.height ?? -1n) + 1n,
    }
    const data = { ...summary, head: head ? headView(head) : null, duration_ms, entries_per_s, findings }
    await terminal.answer(data, textOf(data))
    if (findings.length > 0) terminal.exitCode = EXIT_NO
  })
}

/** The books, what the modules promise and the log, all as of one moment. */
async function check(terminal: Terminal, { db, log, blueprint }: RunningEconomy, { expected, vkeys }: Trusted) {
  using progress = terminal.progress('Verifying')
  return await snapshot(db, async (tx) => {
    const head = await lastBlock(tx)
    const findings: Finding[] = []
    const violations = [...(await checkBooks(tx)), ...(await checkInvariants(tx, blueprint.invariants))]
    for (const { invariant, detail } of violations) {
      findings.push({ code: 'invariant_broken', detail: `${invariant}: ${detail}` })
    }
    if (log.standing.state === 'behind') findings.push(forkFinding(log.standing))
    const verified = await verifyLog(tx, {
      log: [...log.verifiers, ...vkeys],
      expected,
      onProgress: (leaves) => {
        progress.update({ done: Number(leaves), total: Number(head?.tree_size ?? 1n), note: `${count(leaves)} leaves` })
        terminal.signal.throwIfAborted()
      },
    })
    return { ...verified, head, findings: [...findings, ...verified.findings] }
  })
}

function forkFinding({ outside, size }: { outside: Checkpoint; size: bigint }): Finding {
  const published = `${outside.origin} was published with ${outside.size} leaves; the database holds ${size}, or others`
  return { code: 'log_behind', detail: `${published}. See "florin log fork".` }
}

function headView({ origin, tree_size, root }: Block) {
  return { origin, size: tree_size, root: encodeBase64(root) }
}

function textOf({
  economy,
  entries,
  leaves,
  unsealed,
  blocks,
  head,
  duration_ms,
  entries_per_s,
  findings,
}: Outcome): string {
  const seconds = (duration_ms / 1000).toFixed(1)
  const read = `${count(entries)} entries in ${count(leaves)} leaves under ${counted(blocks, 'block')}`
  const figures = `${read}, in ${seconds} s (${count(entries_per_s)} entries/s).`
  const waiting =
    unsealed > 0n ? `\nNot sealed yet, so the log proves nothing of it: ${counted(unsealed, 'record')}.` : ''
  const at = head ? `\nHead: ${head.origin}, ${count(head.size)} leaves, root ${head.root}` : ''
  if (findings.length === 0) return `${economy} holds: ${figures}${at}${waiting}`
  const list = findings.map(({ code, detail }) => `- ${detail} (${code})`)
  return `${economy} does not hold, by ${counted(findings.length, 'finding')}: ${figures}${at}${waiting}\n${list.join('\n')}`
}

interface Outcome {
  economy: string
  entries: number
  leaves: bigint
  unsealed: bigint
  blocks: bigint
  head: ReturnType<typeof headView> | null
  duration_ms: number
  entries_per_s: number
  findings: readonly Finding[]
}

interface Trusted {
  expected: readonly Checkpoint[]
  vkeys: readonly Verifier[]
}

interface VerifyCommand {
  economy: string
  expect: string[]
  vkey: string[]
}
