import type { Db } from '../core/db.ts'
import { type ArticleDocument, readArticle, readUser, type UserDocument } from './documents-file.ts'
import { checkArticles, takeArticles, takeUsers } from './documents.ts'
import { importBatch } from './import-batch.ts'
import { type Format, NOTHING_BROUGHT } from './import-format.ts'
import { importFile, type ImportOptions, type ImportResult } from './importer.ts'
import { DOCUMENT_CHARACTERS } from './mongo-file.ts'
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

/** Reads users as mongoexport writes them (see readUser): those who are new become people, the others are compared. */
export async function importUsers(db: Db, options: ImportOptions): Promise<ImportResult> {
  return await importFile(db, USERS, options)
}

/** Reads articles as mongoexport writes them (see readArticle): those that are new are added, the others compared. */
export async function importArticles(db: Db, options: ImportOptions): Promise<ImportResult> {
  return await importFile(db, ARTICLES, options)
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

const USERS: Format<UserDocument> = {
  name: 'users',
  characters_max: DOCUMENT_CHARACTERS,
  // Written with --jsonArray, the first is the same in all.
  head_lines: 2,
  open: () => readUser,
  take: takeUsers,
}

const ARTICLES: Format<ArticleDocument> = {
  name: 'articles',
  characters_max: DOCUMENT_CHARACTERS,
  head_lines: 2,
  open: () => readArticle,
  check: checkArticles,
  take: takeArticles,
}
