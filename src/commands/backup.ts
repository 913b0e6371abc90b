import { stat } from 'node:fs/promises'

import type { Command } from 'commander'

import type { Manifest } from '../economy/backup-file.ts'
import { backupEconomy, type OnProgress } from '../economy/backup.ts'
import { restoreEconomy } from '../economy/restore.ts'
import { cliActor, economyOption, withApp } from './context.ts'
import type { Progress } from './progress.ts'
import { count, counted } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `florin backup`. */
export function configureBackup(command: Command, terminal: Terminal): void {
  command
    .description(
      'Write all that an economy ever recorded into one file, as of one moment, while it goes on. The signing key and the checkpoints lie in the data folder and are not in it: keep them apart.',
    )
    .addOption(economyOption())
    .requiredOption('-o, --output <file>', 'a file that is not there yet')
    .action(async (options: BackupOptions) => await backup(terminal, options))
}

/** `florin restore`. */
export function configureRestore(command: Command, terminal: Terminal): void {
  command
    .description(
      'Make an economy from a backup, in a new database, whatever version of PostgreSQL it was made on. The file is read to its end before anything is made.',
    )
    .argument('<file>', 'what "florin backup" wrote')
    .requiredOption('-e, --economy <name>', 'the name of the economy to make')
    .option('--url-setting <variable>', 'the environment variable with the connection string of an empty database')
    .action(async (file: string, options: RestoreOptions) => await restore(terminal, file, options))
}

async function backup(terminal: Terminal, { economy: name, output }: BackupOptions): Promise<void> {
  await withApp(terminal, async ({ control, clock }) => {
    using progress = terminal.progress(`Backing up ${name}`)
    const onProgress = follow(terminal, progress)
    const manifest = await backupEconomy(control, { name, path: output, now: clock.now(), onProgress })
    const { size } = await stat(output)
    progress[Symbol.dispose]()
    const text = `Wrote ${contentOf(manifest)} of ${name} to ${output} (${count(size)} bytes).`
    await terminal.answer({ file: output, bytes: size, ...view(manifest) }, text)
  })
}

async function restore(terminal: Terminal, file: string, { economy: name, urlSetting }: RestoreOptions): Promise<void> {
  await withApp(terminal, async ({ control, clock, economies }) => {
    using progress = terminal.progress(`Restoring ${name}`)
    const onProgress = follow(terminal, progress)
    const options = { path: file, name, urlSetting, actor: cliActor().id, now: clock.now(), onProgress }
    const manifest = await restoreEconomy(control, options)
    progress[Symbol.dispose]()
    const state = await economies.with(name, async (economy) => economy.state)
    const made = `Made the economy ${name} of ${contentOf(manifest)}, as ${manifest.economy} had them at ${manifest.created_at}.`
    const behind = `More had been published than the backup holds, so it is read-only: see "florin log fork --economy ${name}".`
    const next = state === 'open' ? `Check it with "florin verify --economy ${name}".` : behind
    await terminal.answer({ restored: name, state, ...view(manifest) }, `${made}\n${next}`)
  })
}

function follow(terminal: Terminal, progress: Progress): OnProgress {
  return ({ table, bytes }) => {
    progress.update({ done: bytes, note: `${table}, ${count(Math.round(bytes / 1_000_000))} MB` })
    terminal.signal.throwIfAborted()
  }
}

function contentOf({ tables }: Manifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  return `${counted(rows, 'row')} in ${counted(tables.length, 'table')}`
}

function view({ economy, blueprint, created_at, tables, log }: Manifest) {
  return {
    economy,
    blueprint,
    created_at,
    tables: tables.map(({ name, rows, bytes }) => ({ name, rows, bytes })),
    tree_size: log?.tree_size ?? '0',
  }
}

interface BackupOptions {
  economy: string
  output: string
}

interface RestoreOptions {
  economy: string
  urlSetting?: string
}
