import type { Command } from 'commander'

import type { RunningEconomy } from '../app.ts'
import { isPgError, PG } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { encodeBase64 } from '../ledger/log/base64.ts'
import { lastBlock } from '../ledger/log/head.ts'
import { economyOption, withEconomy } from './context.ts'
import type { Terminal } from './terminal.ts'

/** `florin checkpoint`. */
export function configureCheckpoint(command: Command, terminal: Terminal): void {
  command
    .description(
      'Print the newest signed head of the log, with all that was recorded until now. Keep it somewhere else: with it anybody can tell later that no earlier history was changed.',
    )
    .addOption(economyOption())
    .action(async ({ economy }: { economy: string }) => await run(terminal, economy))
}

/** Seals what waits, unless the economy or its database is read-only; where a server is at it, that one seals. */
export async function sealBacklog({ state, log }: RunningEconomy): Promise<void> {
  if (state !== 'open') return
  await log.sealer.sealAll().catch((error: unknown) => {
    if (!isPgError(error, PG.read_only_transaction)) throw error
  })
}

async function run(terminal: Terminal, name: string): Promise<void> {
  await withEconomy(terminal, name, async (economy) => {
    await sealBacklog(economy)
    const head = await lastBlock(economy.db)
    if (!head) throw new NotFound('log_empty', `The log of ${name} is empty: nothing has been recorded yet.`)
    const { origin, height, tree_size, root, checkpoint } = head
    const data = { origin, height, tree_size, root: encodeBase64(root), checkpoint, vkeys: economy.log.vkeys }
    // The note ends in a newline of its own.
    await terminal.answer(data, checkpoint.trimEnd())
  })
}
