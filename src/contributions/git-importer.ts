import { randomBytes } from 'node:crypto'

import { type Db, transaction, type Tx } from '../core/db.ts'
import { Invalid } from '../core/errors.ts'
import { gitHistory, pseudonymOf } from './git-history.ts'
import { importBatch } from './import-batch.ts'
import type { Format } from './import-format.ts'
import { importFile, type ImportOptions, type ImportResult } from './importer.ts'
import { MAX_LINE_CHARACTERS, readLine, type WikiChange } from './wiki-history.ts'

/**
 * Reads the history of the git repository at `path` into contributions and reviews (see gitHistory): like a file that has
 * grown where the repository has, so a second run reads what is new. `files` chooses among the paths, and its groups
 * `article` and `language` say what a path is called.
 * Fails: as gitHistory and importFile.
 */
export async function importGit(db: Db, { path, files, ...options }: ImportGit): Promise<ImportResult> {
  const key = await transaction(db, pseudonymKey)
  const from = await gitHistory(path, { key, ...(files && { files }) })
  return await importFile(db, GIT_HISTORY, { ...options, from })
}

/** The username under which somebody with this e-mail address was imported from a repository. */
export async function gitPseudonym(tx: Tx, email: string): Promise<string> {
  return pseudonymOf(await pseudonymKey(tx), { email, name: '' })
}

export interface ImportGit extends Omit<ImportOptions, 'from'> {
  path: string
  files?: RegExp | undefined
}

const GIT_HISTORY: Format<WikiChange> = {
  name: 'git',
  characters_max: MAX_LINE_CHARACTERS,
  head_lines: 1,
  open: () => (text, at) => {
    try {
      return readLine(text, at)
    } catch (error) {
      if (!(error instanceof Invalid)) throw error
      // Nobody has seen these lines: what they are of is what can be looked at.
      const { commit, article } = JSON.parse(text) as { commit: string; article: string }
      const message = `${error.message} It is ${article.slice(0, SHOWN_MAX)} in commit ${commit}.`
      throw new Invalid(error.code, message, error.params)
    }
  },
  take: importBatch,
}

const SHOWN_MAX = 300
const KEY_BYTES = 32

/** Made with the first repository, and kept: the same person gets the same pseudonym for ever. */
async function pseudonymKey(tx: Tx): Promise<Buffer> {
  await tx
    .insertInto('contributions.pseudonym_key')
    .values({ key: randomBytes(KEY_BYTES) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { key } = await tx.selectFrom('contributions.pseudonym_key').select('key').executeTakeFirstOrThrow()
  return key
}
