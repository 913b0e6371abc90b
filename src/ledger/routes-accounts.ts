import { z } from 'zod'

import { toSafeInteger } from '../core/decimal.ts'
import { router, zAccountPath, zAssetCode, zCursor, zLimit, zTime, zUuid } from '../core/http.ts'
import { formatAmount } from '../core/money.ts'
import { keyset, zOrder, zPage, zSerial } from '../core/page.ts'
import { findAccounts, listAccounts } from './account-queries.ts'
import { accountView, lineView, zAccount, zLine } from './account-view.ts'
import { findAccount, findAsset, openAccount, setLimits, setStatus } from './accounts.ts'
import { balanceAt } from './balances.ts'
import { type Branch, listBranches } from './branches.ts'
import { zBalance } from './entry-view.ts'
import { limitsOf, momentOf, momentQuery, zLimits, zModule, zPathPrefix } from './request-schemas.ts'
import type { LedgerScope } from './scope.ts'
import { readStatement } from './statement.ts'

const route = router<LedgerScope>()

const byPath = keyset('ledger.accounts', z.tuple([z.string(), z.int()]))
const byVersion = keyset('ledger.statement', z.tuple([zSerial]))

const byKey = keyset('ledger.branches', z.tuple([z.string()]))

const zBranch = z.object({
  path: z.string(),
  kind: z
    .enum(['account', 'branch'])
    .meta({ description: 'account: it can be moved on itself; branch: others lie below.' }),
  held: z.array(
    z.object({
      asset: z.string(),
      accounts: z.int(),
      balance: zBalance.meta({ description: 'Of the account, or of all accounts below the branch together.' }),
    }),
  ),
})

const zEnd = z.object({ balance: zBalance, version: z.int() })

/** What each of the three actions makes of an account. */
const STATUS_ACTIONS = {
  freeze: {
    may: 'ledger.freeze',
    status: 'frozen',
    summary: 'Freeze an account',
    description: 'Nothing goes out of it any more, captures of holds included; money may come in.',
    errors: ['account_owned_by_module', 'account_not_found', 'account_closed'],
  },
  unfreeze: {
    may: 'ledger.freeze',
    status: 'open',
    summary: 'Unfreeze an account',
    description: 'Money goes out of it again.',
    errors: ['account_owned_by_module', 'account_not_found', 'account_closed'],
  },
  close: {
    may: 'ledger.close_account',
    status: 'closed',
    summary: 'Close an account',
    description: 'For good: nothing comes in or goes out any more. It must be empty.',
    errors: ['account_owned_by_module', 'account_not_found', 'account_not_empty'],
  },
} as const

export const accountRoutes = [
  route({
    method: 'post',
    path: '/ledger/accounts',
    may: 'ledger.open_account',
    idempotency: 'optional',
    status: 201,
    summary: 'Open an account',
    description:
      'An account holds one asset; a path may have several. Unless said, its balance may not go below zero (without bound for `world:*`, `*:receivable` and `platform:loss`). Accounts of a module are opened by the module.',
    errors: ['account_owned_by_module', 'path_invalid', 'asset_not_found', 'limits_invalid', 'account_exists'],
    body: z.strictObject({ path: zAccountPath, asset: zAssetCode, owner: zUuid.optional(), ...zLimits }),
    response: zAccount,
    handler: async ({ scope, tx, actor, body: { path, asset, owner, ...limits }, now }) => {
      scope.chart.refuseModuleAccount(path)
      const { scale } = await findAsset(tx, asset)
      const by = { actor: actor.id, now }
      return accountView(await openAccount(tx, { path, asset, owner, limits: limitsOf(limits, scale), ...by }))
    },
  }),
  route({
    method: 'get',
    path: '/ledger/accounts',
    may: 'ledger.read',
    summary: 'List accounts',
    description: 'In the order of their paths.',
    errors: ['cursor_invalid'],
    query: {
      prefix: zPathPrefix.optional(),
      asset: zAssetCode.optional(),
      owner: zUuid.optional(),
      status: z.enum(['open', 'frozen', 'closed']).optional(),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zAccount),
    handler: async ({ scope, query: { limit, cursor, ...filters } }) => {
      const after = byPath.after(cursor, filters)
      const rows = await listAccounts(scope.db, {
        ...filters,
        ...(after && { after: { path: after[0], asset_id: after[1] } }),
        limit: limit + 1,
      })
      return byPath.page(rows, { limit, filters, keyOf: ({ path, assetId }) => [path, assetId], view: accountView })
    },
  }),
  route({
    method: 'get',
    path: '/ledger/branches',
    may: 'ledger.read',
    summary: 'List what lies below a branch',
    description:
      'The accounts as a tree: what lies directly below a path, or at the top. A path may be both an account and a branch, and is then listed as each.',
    errors: ['cursor_invalid'],
    query: { below: zAccountPath.optional(), limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zBranch),
    handler: async ({ scope: { db }, query: { limit, cursor, below } }) => {
      const filters = { below }
      const after = byKey.after(cursor, filters)
      const branches = await listBranches(db, { below, after: after?.[0], limit: limit + 1 })
      return byKey.page(branches, { limit, filters, keyOf: ({ key }) => [key], view: branchView })
    },
  }),
  route({
    method: 'get',
    path: '/ledger/accounts/:path',
    may: 'ledger.read',
    summary: 'Get an account',
    description:
      'What the path holds, asset by asset; of one with `asset`. `at` (a time, or a tree size of the log) and `effective_at` ask for its balance in the past as well.',
    errors: ['moment_ambiguous', 'account_not_found', 'tree_size_unsealed'],
    params: { path: zAccountPath },
    query: { asset: zAssetCode.optional(), ...momentQuery },
    response: z.object({
      path: z.string(),
      module: zModule,
      accounts: z.array(
        zAccount.extend({
          as_of: z
            .object({ balance: zBalance })
            .nullable()
            .meta({ description: 'What it held at the moment asked for; null: none was.' }),
        }),
      ),
    }),
    handler: async ({ scope: { db, chart }, params: { path }, query: { asset, ...asked } }) => {
      const moment = momentOf(asked)
      const accounts = []
      for (const account of await findAccounts(db, { path, asset })) {
        const then = moment && (await balanceAt(db, account, moment))
        const as_of = then ? { balance: formatAmount(then.balance, account.scale) } : null
        accounts.push({ ...accountView(account), as_of })
      }
      return { path, module: chart.moduleOf(path), accounts }
    },
  }),
  route({
    method: 'get',
    path: '/ledger/accounts/:path/statement',
    may: 'ledger.read',
    summary: 'Get an account’s statement',
    description:
      'Every line of the account with the balance before and after it. The versions count them without a gap, from the one after `opening.version` up to `closing.version`.',
    errors: ['account_not_found', 'cursor_invalid'],
    params: { path: zAccountPath },
    query: {
      asset: zAssetCode,
      order: zOrder,
      recorded_from: zTime.optional(),
      recorded_until: zTime.optional(),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: z.object({ path: z.string(), asset: z.string(), opening: zEnd, closing: zEnd, ...zPage(zLine).shape }),
    handler: async ({ scope: { db }, params: { path }, query: { limit, cursor, ...asked } }) => {
      const { asset, order, recorded_from: from, recorded_until: until } = asked
      const filters = { path, ...asked }
      const after = byVersion.after(cursor, filters)
      const account = await findAccount(db, path, asset)
      const statement = await readStatement(db, { account, from, until, order, after: after?.[0], limit: limit + 1 })
      const endOf = ({ balance, version }: { balance: bigint; version: bigint }) => ({
        balance: formatAmount(balance, account.scale),
        version: toSafeInteger(version),
      })
      const page = byVersion.page(statement.lines, {
        limit,
        filters,
        keyOf: ({ version }) => [version],
        view: (line) => lineView(line, account.scale),
      })
      return { path, asset, opening: endOf(statement.opening), closing: endOf(statement.closing), ...page }
    },
  }),
  route({
    method: 'post',
    path: '/ledger/accounts/:path/limits',
    may: 'ledger.set_limits',
    idempotency: 'optional',
    summary: 'Set an account’s limits',
    description: 'How low and how high its balance may go; what is not given stays as it is.',
    errors: ['account_owned_by_module', 'asset_not_found', 'account_not_found', 'limits_invalid', 'limits_passed'],
    params: { path: zAccountPath },
    body: z.strictObject({ asset: zAssetCode, ...zLimits }),
    response: zAccount,
    handler: async ({ scope, tx, actor, params: { path }, body: { asset, ...limits }, now }) => {
      scope.chart.refuseModuleAccount(path)
      const { scale } = await findAsset(tx, asset)
      return accountView(await setLimits(tx, { path, asset, ...limitsOf(limits, scale), actor: actor.id, now }))
    },
  }),
  ...(['freeze', 'unfreeze', 'close'] as const).map((verb) => {
    const { may, status, summary, description, errors } = STATUS_ACTIONS[verb]
    return route({
      method: 'post',
      path: `/ledger/accounts/:path/${verb}`,
      may,
      idempotency: 'optional',
      summary,
      description,
      errors,
      params: { path: zAccountPath },
      body: z.strictObject({ asset: zAssetCode }),
      response: zAccount,
      handler: async ({ scope, tx, actor, params: { path }, body: { asset }, now }) => {
        scope.chart.refuseModuleAccount(path)
        return accountView(await setStatus(tx, { path, asset, status, actor: actor.id, now }))
      },
    })
  }),
]

function branchView({ key, held }: Branch): z.output<typeof zBranch> {
  const branch = key.endsWith(':')
  return {
    path: branch ? key.slice(0, -1) : key,
    kind: branch ? 'branch' : 'account',
    held: held.map(({ scale, balance, ...of }) => ({ ...of, balance: formatAmount(balance, scale) })),
  }
}
