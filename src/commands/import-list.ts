import type { Command } from 'commander'

import { mustBeWritable } from '../app.ts'
import {
  gitPseudonym,
  importId,
  type ImportRow,
  importStatus,
  listImports,
  rollbackImport,
} from '../contributions/contributions.ts'
import { transaction } from '../core/db.ts'
import { cliActor, economyOption, withEconomy } from './context.ts'
import { count, table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `florin import list`. */
export function configureImportList(command: Command, terminal: Terminal): void {
  command
    .command('list')
    .description('List what was imported, the newest first, and how far it has come.')
    .addOption(economyOption())
    .action(async ({ economy: name }: { economy: string }) => {
      await withEconomy(terminal, name, async ({ db }) => {
        const rows = await listImports(db, { limit: LISTED_MAX })
        const data = rows.map((row) => ({
          id: importId(row),
          format: row.format,
          file: row.file,
          status: importStatus(row),
          lines: row.lines,
          refused: row.refused,
          contributions: row.contributions,
          people: row.people,
          articles: row.articles,
          views: row.views,
          started_at: row.started_at,
        }))
        await terminal.answer(data, rows.length === 0 ? 'Nothing was imported.' : table(HEAD, rows.map(cellsOf)))
      })
    })
}

/** `florin import rollback`. */
export function configureImportRollback(command: Command, terminal: Terminal): void {
  command
    .command('rollback')
    .description(
      'Take an import back: removes all that it brought and nothing else, at once. Refused when one of its weeks was distributed, or others have built on it.',
    )
    .argument('<id>', 'as "florin import list" shows it')
    .addOption(economyOption())
    .action(async (id: string, { economy: name }: { economy: string }) => {
      await withEconomy(terminal, name, async (economy) => {
        mustBeWritable(economy)
        const { db, clock } = economy
        const by = { import: id, actor: cliActor().id, now: clock.now() }
        const gone = await transaction(db, async (tx) => await rollbackImport(tx, by))
        const text = `Took back ${gone.file}: ${count(gone.contributions)} contributions, ${count(gone.people)} people, ${count(gone.articles)} articles, ${count(gone.views)} figures of page views.`
        await terminal.answer(gone, text)
      })
    })
}

/** `florin import pseudonym`. */
export function configureImportPseudonym(command: Command, terminal: Terminal): void {
  command
    .command('pseudonym')
    .description('Tell the username under which the owner of an e-mail address was imported from a git repository.')
    .argument('<email>', 'as in the commits')
    .addOption(economyOption())
    .action(async (email: string, { economy: name }: { economy: string }) => {
      await withEconomy(terminal, name, async ({ db }) => {
        const username = await transaction(db, async (tx) => await gitPseudonym(tx, email))
        await terminal.answer({ username }, username)
      })
    })
}

const LISTED_MAX = 1_000
const HEAD = ['id', 'format', 'file', 'status', 'lines', 'refused', 'contributions', 'people', 'articles', 'views']

function cellsOf(row: ImportRow): string[] {
  const counts = [row.lines, row.refused, row.contributions, row.people, row.articles, row.views]
  return [importId(row), row.format, row.file, importStatus(row), ...counts.map(count)]
}
