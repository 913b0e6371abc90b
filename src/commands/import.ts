import { basename } from 'node:path'

import { type Command, Option } from 'commander'

import { mustBeWritable } from '../app.ts'
import { importContributions, type ImportProgress, type ImportResult } from '../contributions/contributions.ts'
import { cliActor, economyOption, withEconomy } from './context.ts'
import { EXIT_NO } from './failure.ts'
import { count } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `florin import contributions`. */
export function configureImport(command: Command, terminal: Terminal): void {
  command
    .command('contributions')
    .description(
      'Import the edit history of a wiki as contributions and reviews (examples/wiki-history/README.md says how it is written). Stopped at any moment, it goes on where it was when it is run again; a file that was read to its end changes nothing.',
    )
    .argument('<file>', 'JSON lines, plain or gzipped; - for stdin')
    .addOption(economyOption())
    .addOption(
      new Option('--on-error <what>', 'leave out a line that is wrong, or stop before it')
        .choices(['skip', 'stop'])
        .default('stop'),
    )
    .action(async (file: string, options: ImportCommand) => await run(terminal, file, options))
}

async function run(terminal: Terminal, file: string, { economy: name, onError }: ImportCommand): Promise<void> {
  await withEconomy(terminal, name, async (economy) => {
    mustBeWritable(economy)
    const from = file === '-' ? { name: 'stdin', stream: process.stdin } : file
    const { db, clock } = economy
    using progress = terminal.progress(`Importing ${basename(file)}`)
    const onProgress = (step: ImportProgress) => {
      const read = step.linesBefore + step.lines
      const total = step.bytesTotal === null ? {} : { total: step.bytesTotal }
      progress.update({ done: step.bytes, ...total, note: `${count(read)} lines` })
      terminal.resume = `The first ${count(read)} lines are in. Run the same command again to go on from there.`
      terminal.signal.throwIfAborted()
    }
    terminal.resume = 'Run the same command again to go on from there.'
    const result = await importContributions(db, { from, onError, actor: cliActor().id, clock, onProgress })
    progress[Symbol.dispose]()
    await answer(terminal, result)
  })
}

async function answer(terminal: Terminal, result: ImportResult): Promise<void> {
  const { file, lines, linesBefore, refused, errors, stopped, contributions, people, articles } = result
  if (!terminal.json) {
    for (const { message, code } of errors) terminal.note(`left out: ${message} (${code})`)
    if (refused > errors.length) terminal.note(`… and ${count(refused - errors.length)} more lines were left out.`)
  }
  const before = linesBefore > 0 ? ` ${count(linesBefore)} lines had been imported before.` : ''
  const brought = `${count(contributions)} contributions by ${count(people)} new people to ${count(articles)} new articles`
  const left = refused > 0 ? `, ${count(refused)} left out` : ''
  const text = `Imported ${count(lines)} lines of ${file}${left}: ${brought}.${before}`
  const end = stopped ? `\nStopped before line ${stopped.line}: ${stopped.message} (${stopped.code})` : ''
  const data = { file, lines, lines_before: linesBefore, refused, contributions, people, articles, errors, stopped }
  await terminal.answer(data, `${text}${end}`)
  if (stopped) terminal.exitCode = EXIT_NO
}

interface ImportCommand {
  economy: string
  onError: 'skip' | 'stop'
}
