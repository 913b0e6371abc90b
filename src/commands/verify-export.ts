import { stat } from 'node:fs/promises'
import { basename } from 'node:path'

import type { Command } from 'commander'

import { encodeBase64 } from '../ledger/log/base64.ts'
import { verifyExport, type VerifiedExport } from '../ledger/log/verify-export.ts'
import { EXIT_NO } from './failure.ts'
import { linesOf } from './files.ts'
import { count, counted } from './table.ts'
import type { Terminal } from './terminal.ts'
import { expectOption, readCheckpoints, readVkeys, vkeyOption } from './trust.ts'

/** `florin verify-export`: needs neither database nor server nor settings. */
export function configureVerifyExport(command: Command, terminal: Terminal): void {
  command
    .description(
      'Verify a log that "florin export log" wrote, from the file alone: every hash, block and signature, and that every balance is what came in less what went out. What you trust is a checkpoint that you kept, or the key that the log signs with. Exits with 1 when anything does not hold.',
    )
    .argument('<file>', 'the exported log, plain or gzipped; - for stdin')
    .addOption(expectOption())
    .addOption(vkeyOption())
    .action(async (file: string, options: TrustOptions) => await run(terminal, file, options))
}

async function run(terminal: Terminal, file: string, options: TrustOptions): Promise<void> {
  const [expected, vkeys] = [await readCheckpoints(options.expect), await readVkeys(options.vkey)]
  using progress = terminal.progress(`Verifying ${basename(file)}`)
  const bytes = file === '-' ? 0 : (await stat(file)).size
  const started_ms = performance.now()
  const read = { bytes: 0 }
  const verified = await verifyExport(linesOf(file, read), {
    expected,
    vkeys,
    onProgress: (lines) => {
      progress.update({ done: read.bytes, total: Math.max(bytes, read.bytes), note: `${count(lines)} lines` })
      terminal.signal.throwIfAborted()
    },
  })
  const duration_ms = Math.max(1, Math.round(performance.now() - started_ms))
  progress[Symbol.dispose]()
  const { head, findings, ...counts } = verified
  const headView = head && { origin: head.origin, size: head.size, root: encodeBase64(head.root) }
  const data = { ok: findings.length === 0, ...counts, head: headView, duration_ms, findings }
  await terminal.answer(data, textOf(verified, { expected: expected.length, vkeys: vkeys.length }))
  if (findings.length > 0) terminal.exitCode = EXIT_NO
}

function textOf(
  { economy, leaves, entries, blocks, accounts, head, findings }: VerifiedExport,
  trust: Trusted,
): string {
  const read = `${count(entries)} entries in ${count(leaves)} leaves under ${counted(blocks, 'block')}, ${counted(accounts, 'account')}`
  const at = head ? `\nHead: ${head.origin}, ${count(head.size)} leaves, root ${encodeBase64(head.root)}` : ''
  if (findings.length > 0) {
    const list = findings.map(({ code, detail }) => `- ${detail} (${code})`)
    return `The exported log of ${economy} does not hold, by ${counted(findings.length, 'finding')}: ${read}.${at}\n${list.join('\n')}`
  }
  const by = [
    ...(trust.expected > 0 ? ['every checkpoint that you gave is part of it'] : []),
    ...(trust.vkeys > 0 ? ['its heads are signed by the keys that you gave'] : []),
  ]
  return `The exported log of ${economy} holds, and ${by.join(', and ')}: ${read}.${at}`
}

interface TrustOptions {
  expect: string[]
  vkey: string[]
}

interface Trusted {
  expected: number
  vkeys: number
}
