import { basename } from 'node:path'

import { type Command, InvalidArgumentError, Option } from 'commander'

import { mustBeWritable, type RunningEconomy } from '../app.ts'
import {
  importArticles,
  importContributions,
  importGit,
  importUsers,
  type ImportProgress,
  type ImportResult,
  importViews,
} from '../contributions/contributions.ts'
import { cliActor, economyOption, withEconomy } from './context.ts'
import { EXIT_NO } from './failure.ts'
import { configureImportList, configureImportPseudonym, configureImportRollback } from './import-list.ts'
import { count } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `florin import`: contributions, views, users, articles; list, rollback, pseudonym. */
export function configureImport(command: Command, terminal: Terminal): void {
  configureContributions(command, terminal)
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
  configureImportPseudonym(command, terminal)
}

function configureContributions(command: Command, terminal: Terminal): void {
  const contributions = command
    .command('contributions')
    .description(
      `Import the edit history of a wiki as contributions and reviews: a file (examples/wiki-history/README.md says how it is written), or a git repository. ${RESUMES}`,
    )
    .argument('[file]', 'JSON lines, plain or gzipped; - for stdin')
    .addOption(economyOption())
    .option('--git <path>', 'instead of a file: the history of this repository’s checked-out branch')
    .addOption(
      new Option(
        '--files <pattern>',
        'of a repository, only paths that this regular expression matches; its groups (?<article>…) and (?<language>…) name the page',
      ).argParser(parsePattern),
    )
    .addOption(onErrorOption())
  contributions.action(async (path: string | undefined, { git, files, ...options }: ContributionsCommand) => {
    if ((path === undefined) === (git === undefined) || (files && git === undefined)) {
      contributions.error('error: Name either a file or, with --git, a repository; --files is for a repository.')
    }
    const read: Read = async (db, given) => await importGit(db, { ...given, path: git ?? '', files })
    await run(
      terminal,
      git === undefined ? { path: path ?? '', read: importContributions, ...options } : { path: git, read, ...options },
    )
  })
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u')
  } catch {
    throw new InvalidArgumentError('Write a regular expression such as ^pages/(?<article>.+)\\.md$')
  }
}

const RESUMES =
  'Stopped at any moment, it goes on where it was when it is run again; a file that was read to its end changes nothing.'

const KINDS: readonly Kind[] = [
  {
    name: 'views',
    description:
      'Import how often articles were looked at: article, date and views of each day, as CSV with a heading or as JSON lines. Once a week is over, its views set the demand of articles.',
    file: 'CSV or JSON lines',
    read: importViews,
  },
  {
    name: 'users',
    description:
      'Import users as mongoexport writes them: those who are new become people; everything that follows from the books is compared and told, never believed.',
    file: 'Extended JSON',
    read: importUsers,
  },
  {
    name: 'articles',
    description:
      'Import articles as mongoexport writes them: those that are new are added, with their demand and marks; everything that follows from contributions is compared and told.',
    file: 'Extended JSON',
    read: importArticles,
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
  read: Read
}

interface ImportCommand {
  economy: string
  onError: 'skip' | 'stop'
}

interface ContributionsCommand extends ImportCommand {
  git?: string
  files?: RegExp
}

type Read = typeof importContributions

interface Run extends ImportCommand {
  path: string
  read: Read
}

interface Follow extends Pick<Run, 'read' | 'onError'> {
  label: string
  from: Parameters<Read>[1]['from']
}
