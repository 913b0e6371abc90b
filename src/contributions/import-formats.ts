import type { Db } from '../core/db.ts'
import { importBatch } from './import-batch.ts'
import { type Format, NOTHING_BROUGHT } from './import-format.ts'
import { importFile, type ImportOptions, type ImportResult } from './importer.ts'
import { readViews, VIEWS_LINE_CHARACTERS, type ViewsOfDay } from './views-file.ts'
import { checkViews, insertViews } from './views.ts'
import { MAX_LINE_CHARACTERS, readLine, type WikiChange } from './wiki-history.ts'

/** Reads the history of a wiki (examples/wiki-history/README.md) into contributions and reviews; see importFile. */
export async function importContributions(db: Db, options: ImportOptions): Promise<ImportResult> {
  return await importFile(db, WIKI_HISTORY, options)
}

/** Reads how often articles were looked at (see readViews); views of an article that there is not are refused. */
export async function importViews(db: Db, options: ImportOptions): Promise<ImportResult> {
  return await importFile(db, VIEWS, options)
}

const WIKI_HISTORY: Format<WikiChange> = {
  name: 'wiki-history',
  characters_max: MAX_LINE_CHARACTERS,
  head_lines: 1,
  open: () => readLine,
  take: importBatch,
}

const VIEWS: Format<ViewsOfDay> = {
  name: 'views',
  characters_max: VIEWS_LINE_CHARACTERS,
  // All begin with the same heading.
  head_lines: 2,
  open: readViews,
  check: checkViews,
  take: async (tx, lines, options) => {
    const views = await insertViews(
      tx,
      lines.map(({ item }) => item),
      options,
    )
    return { ...NOTHING_BROUGHT, views }
  },
}
