import type { Command } from 'commander'

import { mustBeWritable, type RunningEconomy } from '../app.ts'
import { transaction } from '../core/db.ts'
import { acknowledgeFork } from '../ledger/log/fork.ts'
import { lastBlock } from '../ledger/log/head.ts'
import { openLog } from '../ledger/log/log.ts'
import { rotateSigningKey } from '../ledger/log/signing-key.ts'
import { cliActor, economyOption, withEconomy } from './context.ts'
import { EXIT_NO } from './failure.ts'
import { count } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `florin log fork | rotate-key`. */
export function configureLog(command: Command, terminal: Terminal): void {
  command
    .command('fork')
    .description(
      'After an older backup was restored, the database holds less than was published, and the economy is read-only. This says so; with --acknowledge it goes on as a new log that names both heads. Restart the server afterwards.',
    )
    .addOption(economyOption())
    .option('--acknowledge', 'go on under a new origin')
    .action(async (options: ForkOptions) => await fork(terminal, options))
  command
    .command('rotate-key')
    .description(
      'Change the key that signs the heads. The old key signs beside the new one, so that readers can follow. Restart the server afterwards.',
    )
    .addOption(economyOption())
    .action(async ({ economy }: { economy: string }) => await rotateKey(terminal, economy))
}

async function fork(terminal: Terminal, { economy: name, acknowledge = false }: ForkOptions): Promise<void> {
  await withEconomy(terminal, name, async (economy) => {
    const { db, log, files, clock } = economy
    if (!acknowledge) return await showStanding(terminal, economy)
    const where = { folder: files.checkpoints, keys: log.keys }
    const origin = await transaction(db, async (tx) => {
      return await acknowledgeFork(tx, { ...where, actor: cliActor().id, now: clock.now() })
    })
    const vkeys = await sealAnew(economy)
    await terminal.answer({ origin, vkeys }, `The log of ${name} goes on as ${origin}.\n${KEYS}\n${vkeys.join('\n')}`)
  })
}

async function showStanding(terminal: Terminal, { name, log, db }: RunningEconomy): Promise<void> {
  const { standing } = log
  if (standing.state === 'whole') {
    await terminal.answer({ state: 'whole' }, `The log of ${name} continues what was published: there is no fork.`)
    return
  }
  const { outside, size } = standing
  const data = { state: 'behind', published: { origin: outside.origin, size: outside.size }, size }
  const head = await lastBlock(db)
  await terminal.answer(
    data,
    `The log ${outside.origin} was published with ${count(outside.size)} leaves; the database holds ${count(head?.tree_size ?? 0n)}, or others.
What is missing is lost to this database: restore a newer backup if there is one.
If there is none, "florin log fork --acknowledge --economy ${name}" goes on as a new log that names both heads.`,
  )
  terminal.exitCode = EXIT_NO
}

async function rotateKey(terminal: Terminal, name: string): Promise<void> {
  await withEconomy(terminal, name, async (economy) => {
    mustBeWritable(economy)
    const { db, files, clock } = economy
    const vkey = await transaction(db, async (tx) => {
      return await rotateSigningKey(tx, files.signingKey, { actor: cliActor().id, now: clock.now() })
    })
    const vkeys = await sealAnew(economy)
    await terminal.answer({ vkey, vkeys }, `The log of ${name} has a new key.\n${KEYS}\n${vkeys.join('\n')}`)
  })
}

const KEYS = 'Heads are now signed by:'

/** Seals what waits as the log is now, and publishes the new head. */
async function sealAnew({ db, files, clock }: RunningEconomy): Promise<readonly string[]> {
  const log = await openLog(db, { ...files, clock })
  await log.sealer.sealAll()
  await log.sealer.close()
  return log.vkeys
}

interface ForkOptions {
  economy: string
  acknowledge?: boolean
}
