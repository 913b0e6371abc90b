import { z } from 'zod'

import { personOf } from '../core/actor.ts'
import { type Db, snapshot } from '../core/db.ts'
import { Download, router, zAssetCode, zCursor, zFlag, zLimit, zUuid, zWhole } from '../core/http.ts'
import { formatAmount } from '../core/money.ts'
import { keyset, zOrder, zPage, zSerial } from '../core/page.ts'
import { findPerson } from '../identity/identity.ts'
import { zBalance } from '../ledger/entry-view.ts'
import { proofView, zProof } from '../ledger/log/proof-view.ts'
import { holdingView, memberLineView, zHolding, zMemberLine } from './statement-view.ts'
import { holdingsOf, proveOwnLine, statementOf } from './statements.ts'
import { yearCsv } from './year-csv.ts'
import { yearPdf } from './year-pdf.ts'
import { yearView, zYear } from './year-view.ts'
import { yearOf } from './year.ts'

const route = router<StatementScope>()

const byVersion = keyset('me.statement', z.tuple([zSerial]))

const zTreeSize = z
  .string()
  .regex(/^\d{1,15}$/, 'A tree size is a whole number.')
  .meta({ description: 'At the first checkpoint that covers it; the newest unless said.' })

const CSV = 'text/csv; charset=utf-8'
const PDF = 'application/pdf'

const yearly = {
  errors: ['year_not_begun', 'log_empty', 'tree_size_unsealed', 'statement_too_long'],
  query: { format: z.enum(['json', 'csv', 'pdf']).default('json'), tree_size: zTreeSize.optional() },
  response: zYear,
  downloads: [CSV, PDF],
}

const zYearNumber = zWhole({ min: 1970, max: 9999 })

export const statementRoutes = [
  route({
    method: 'get',
    path: '/me/account',
    may: 'me.read',
    summary: 'Get what you have',
    description: 'Asset by asset, of all your accounts: the wallet, and what is staked or set aside elsewhere.',
    response: z.object({ data: z.array(zHolding) }),
    handler: async ({ scope: { db }, actor }) => ({ data: (await holdingsOf(db, personOf(actor))).map(holdingView) }),
  }),
  route({
    method: 'get',
    path: '/me/statement',
    may: 'me.read',
    summary: 'Get your statement',
    description:
      'The lines of one of your accounts, newest first, or oldest: what came and went, what was there before and after, why, and what its proof is asked for by.',
    errors: ['cursor_invalid', 'asset_not_found'],
    query: {
      asset: zAssetCode,
      account: z
        .string()
        .regex(/^[a-z0-9._-]+(:[a-z0-9._-]+)*$/)
        .max(100)
        .default('available')
        .meta({ description: 'Which of your accounts, by the end of its path.' }),
      order: zOrder,
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zMemberLine).extend({ asset: z.string(), account: z.string(), balance: zBalance }),
    handler: async ({ scope: { db }, actor, query: { limit, cursor, asset, account, order } }) => {
      const person = personOf(actor)
      const filters = { person, asset, account, order }
      const after = byVersion.after(cursor, filters)?.[0]
      const { scale, path, balance, lines } = await statementOf(db, { ...filters, after, limit: limit + 1 })
      const view = (line: (typeof lines)[number]) => memberLineView(line, { person, scale })
      const page = byVersion.page(lines, { limit, filters, keyOf: ({ version }) => [version], view })
      return { ...page, asset, account: path, balance: formatAmount(balance, scale) }
    },
  }),
  route({
    method: 'get',
    path: '/me/entries/:id/proof',
    may: 'me.read',
    summary: 'Prove a line of your statement',
    description:
      'The entry’s place in the log and the receipt of your own posting, which anybody can verify without this server. It tells of nobody else; what your account held afterwards it shows only with `balance`.',
    errors: ['posting_not_found', 'entry_not_sealed', 'tree_size_unsealed'],
    params: { id: zUuid },
    query: {
      posting: zWhole({ min: 0, max: 9_999 }),
      balance: zFlag.optional(),
      tree_size: zTreeSize.optional(),
    },
    response: zProof,
    handler: async ({ scope: { db }, actor, params, query: { posting, balance = false, tree_size } }) => {
      const treeSize = tree_size === undefined ? undefined : BigInt(tree_size)
      const asked = { person: personOf(actor), entry: params.id, posting, balance, treeSize }
      return proofView(params.id, await proveOwnLine(db, asked))
    },
  }),
  route({
    ...yearly,
    method: 'get',
    path: '/me/statements/:year',
    may: 'me.read',
    summary: 'Get your statement of a year',
    description:
      'What took effect in a calendar year, account by account, with balances, totals by kind, and the checkpoint that it was made at. As JSON, or as a file: `csv` or `pdf`.',
    params: { year: zYearNumber },
    handler: async ({ scope, actor, params: { year }, query, now }) =>
      await answerYear(scope, { person: personOf(actor), year, now, ...query }),
  }),
  route({
    ...yearly,
    method: 'get',
    path: '/people/:id/statements/:year',
    may: 'ledger.read',
    summary: 'Get a person’s statement of a year',
    description: 'The same that the person gets.',
    errors: ['person_not_found', ...yearly.errors],
    params: { id: zUuid, year: zYearNumber },
    handler: async ({ scope, params: { id, year }, query, now }) =>
      await answerYear(scope, { person: id, year, now, ...query }),
  }),
]

async function answerYear({ db, name: economy }: StatementScope, { person: id, format, tree_size, ...of }: AskedYear) {
  const treeSize = tree_size === undefined ? undefined : BigInt(tree_size)
  const statement = await snapshot(db, async (tx) => {
    return await yearOf(tx, { person: await findPerson(tx, { id }), treeSize, ...of })
  })
  if (format === 'json') return yearView(statement)
  const name = `statement-${economy}-${of.year}.${format}`
  if (format === 'csv') return new Download({ content_type: CSV, name, content: Buffer.from(yearCsv(statement)) })
  return new Download({ content_type: PDF, name, content: await yearPdf(statement, { economy }) })
}

interface StatementScope {
  name: string
  db: Db
}

interface AskedYear {
  person: string
  year: number
  format: 'json' | 'csv' | 'pdf'
  tree_size?: string | undefined
  now: Date
}
