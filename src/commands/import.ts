import { basename } from 'node:path'

import { type Command, Option } from 'commander'

import { mustBeWritable, type RunningEconomy } from '../app.ts'
import {
  importContributions,
  type ImportProgress,
  type ImportResult,
  importViews,
} from '../contributions/contributions.ts'
import { cliActor, economyOption, withEconomy } from './context.ts'
import { EXIT_NO } from './failure.ts'
import { configureImportList, configureImportRollback } from './import-list.ts'
import { count } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `florin import contributions`, `views`, `list`, `rollback`. */
export function configureImport(command: Command, terminal: Terminal): void {
  for (const { name, description, file, read } of KINDS) {
    command
      .command(name)
      .description(`${description} ${RESUMES}`)
      .argument('<file>', `${file}, plain or gzipped; - for stdin`)
      .addOption(economyOption())
      .addOption(onErrorOption())
      .action(async (path: string, options: ImportCommand) => await run(terminal, { path, read, ...options }))
  }
  configureImportList(command, terminal)
  configureImportRollback(command, terminal)
}

const RESUMES =
  'Stopped at any moment, it goes on where it was when it is run again; a file that was read to its end changes nothing.'

const KINDS: readonly Kind[] = [
  {
    name: 'contributions',
    description:
      'Import the edit history of a wiki as contributions and reviews (examples/wiki-history/README.md says how it is written).',
    file: 'JSON lines',
    read: importContributions,
  },
  {
    name: 'views',
    description:
      'Import how often articles were looked at: article, date and views of each day, as CSV with a heading or as JSON lines. Once a week is over, its views set the demand of articles.',
    file: 'CSV or JSON lines',
    read: importViews,
  },
]

async function run(terminal: Terminal, { economy: name, path, read, onError }: Run): Promise<void> {
  await withEconomy(terminal, name, async (economy) => {
    mustBeWritable(economy)
    const from = path === '-' ? { name: 'stdin', stream: process.stdin } : path
    const result = await follow(terminal, economy, { label: basename(path), read, from, onError })
    await answer(terminal, result)
  })
}

/** Imports, and shows how far it has come. */
async function follow(
  terminal: Terminal,
  { db, clock }: RunningEconomy,
  { label, read, ...options }: Follow,
): Promise<ImportResult> {
  using progress = terminal.progress(`Importing ${label}`)
  const onProgress = (step: ImportProgress) => {
    const lines = step.linesBefore + step.lines
    const total = step.total === null ? {} : { total: step.total }
    progress.update({ done: step.done, ...total, note: `${count(lines)} lines` })
    terminal.resume = `The first ${count(lines)} lines are in. Run the same command again to go on from there.`
    terminal.signal.throwIfAborted()
  }
  terminal.resume = 'Run the same command again to go on from there.'
  return await read(db, { ...options, actor: cliActor().id, clock, onProgress })
}

async function answer(terminal: Terminal, result: ImportResult): Promise<void> {
  const { file, lines, linesBefore, refused, errors, stopped, differing, differences } = result
  if (!terminal.json) {
    for (const { message, code } of errors) terminal.note(`left out: ${message} (${code})`)
    if (refused > errors.length) terminal.note(`… and ${count(refused - errors.length)} more lines were left out.`)
    for (const { line, of, field, theirs, ours } of differences) {
      terminal.note(`differs: line ${line}, ${of}: ${field} is ${theirs} there and ${ours} here`)
    }
    if (differing > differences.length) terminal.note(`… and ${count(differing - differences.length)} more differ.`)
  }
  const before = linesBefore > 0 ? ` ${count(linesBefore)} lines had been imported before.` : ''
  const left = refused > 0 ? `, ${count(refused)} left out` : ''
  const text = `Imported ${count(lines)} lines of ${file}${left}: ${broughtBy(result)}.${before}`
  const end = stopped ? `\nStopped before line ${stopped.line}: ${stopped.message} (${stopped.code})` : ''
  const { contributions, people, articles, views } = result
  const data = { file, lines, lines_before: linesBefore, refused, contributions, people, articles, views, errors }
  await terminal.answer({ ...data, differing, differences, stopped }, `${text}${end}`)
  if (stopped) terminal.exitCode = EXIT_NO
}

function broughtBy({ contributions, people, articles, views, differing }: ImportResult): string {
  if (views > 0) return `${count(views)} figures of page views`
  const differs = differing > 0 ? `; ${count(differing)} fields differ` : ''
  return `${count(contributions)} contributions by ${count(people)} new people to ${count(articles)} new articles${differs}`
}

function onErrorOption(): Option {
  return new Option('--on-error <what>', 'leave out a line that is wrong, or stop before it')
    .choices(['skip', 'stop'])
    .default('stop')
}

interface Kind {
  name: string
  description: string
  file: string
  read: typeof importContributions
}

interface ImportCommand {
  economy: string
  onError: 'skip' | 'stop'
}

interface Run extends ImportCommand {
  path: string
  read: typeof importContributions
}

interface Follow extends Pick<Run, 'read' | 'onError'> {
  label: string
  from: Parameters<typeof importContributions>[1]['from']
}
