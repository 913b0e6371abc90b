import { Forbidden, Invalid } from '../core/errors.ts'
import type { Rejected } from './items.ts'
import { rejected } from './refusals.ts'

/**
 * The chart of accounts: which module owns the accounts under which prefix. A `*` stands for one segment of a path, at
 * the end for all that follow. What no rule names is the operator's own, and so are the rules of the owner `operator`;
 * everything else is moved by its module alone.
 */
export interface ChartRule {
  pattern: string
  owner: string
  holds: string
}

/** The accounts that exist in every economy. Modules add theirs (docs/ledger.md lists all). */
export const LEDGER_CHART: readonly ChartRule[] = [
  {
    pattern: 'issuance:*',
    owner: 'ledger',
    holds: 'minus what was ever issued of an asset; its floor is the maximum supply',
  },
  {
    pattern: 'world:*',
    owner: 'operator',
    holds: 'the other side of what comes from or goes to the outside; no floor',
  },
  { pattern: '*:receivable', owner: 'operator', holds: 'what is owed to the platform; no floor' },
  { pattern: 'platform:loss', owner: 'operator', holds: 'losses that the platform bears; no floor' },
  { pattern: 'treasury:main', owner: 'operator', holds: 'what the platform owns and has promised to nobody' },
  { pattern: 'users:*:available', owner: 'operator', holds: "a member's wallet" },
]

/** Kinds of entries that a module's own operations post, and which module: `{ weekly_reward: 'contributions' }`. */
export type KindOwners = Readonly<Record<string, string>>

/** What these kinds say of an entry was agreed on, or was done to another one: no hand can say it. */
const LEDGER_KINDS: KindOwners = { genesis: 'ledger', issuance: 'ledger', reversal: 'ledger' }

/** Answers for one economy, from the rules and kinds of its modules and the ledger's own. */
export function createChart(rules: readonly ChartRule[], kinds: KindOwners = {}): Chart {
  // The first that fits decides: a module owns all under its prefix, whatever the general rules below say of its end.
  const compiled = [...rules, ...LEDGER_CHART].map((rule) => ({ ...rule, expression: expressionOf(rule.pattern) }))
  const ownerOf = (path: string) => compiled.find((rule) => rule.expression.test(path))?.owner ?? 'operator'
  const moduleOf = (path: string) => {
    const owner = ownerOf(path)
    return owner === 'operator' ? null : owner
  }
  const moduleRefusal = (path: string) => {
    const owner = moduleOf(path)
    if (owner === null) return undefined
    const message = `${path} belongs to the module ${owner}. Only its own operations move what is there.`
    return rejected('account_owned_by_module', message, { path, module: owner })
  }
  const kindOwners = new Map(Object.entries({ ...kinds, ...LEDGER_KINDS }))
  const kindRefusal = (kind: string) => {
    const owner = kindOwners.get(kind)
    if (owner === undefined) return undefined
    const message = `Entries of the kind ${kind} are posted by operations of the module ${owner} alone. Choose another kind.`
    return rejected('kind_owned_by_module', message, { kind, module: owner })
  }
  return {
    rules: compiled.map(({ pattern, owner, holds }) => ({ pattern, owner, holds })),
    ownerOf,
    moduleOf,
    moduleRefusal,
    kindRefusal,
    refuseModuleAccount: (path) => throwRefusal(moduleRefusal(path)),
    refuseModuleKind: (kind) => throwRefusal(kindRefusal(kind)),
  }
}

export interface Chart {
  rules: ChartRule[]
  ownerOf(path: string): string
  /** The module that alone moves what is there; null: whoever may posts to it by hand. */
  moduleOf(path: string): string | null
  /** What a posting by hand on an account of a module is answered: account_owned_by_module. */
  moduleRefusal(path: string): Rejected | undefined
  /** What an entry by hand of a kind that a module posts is answered: kind_owned_by_module. */
  kindRefusal(kind: string): Rejected | undefined
  /** Fails: account_owned_by_module. */
  refuseModuleAccount(path: string): void
  /** Fails: kind_owned_by_module. */
  refuseModuleKind(kind: string): void
}

/** Fails: path_invalid. Lower-case words and ids, separated by colons; at least two segments of at most 64 characters. */
export function checkPath(path: string): void {
  if (path.length <= PATH_LENGTH_MAX && PATH.test(path)) return
  throw new Invalid(
    'path_invalid',
    'An account path is two to eight segments of a-z, 0-9, dot, dash and underscore, separated by colons, such as users:42:available.',
    { path: path.slice(0, PATH_LENGTH_MAX) },
  )
}

/** The lowest balance of a new account: null for those that may go below zero without bound. */
export function defaultFloor(path: string): bigint | null {
  return WITHOUT_FLOOR.test(path) ? null : 0n
}

/** The account that an asset is issued from. */
export function issuanceAccount(assetCode: string): string {
  return `issuance:${assetCode.toLowerCase()}`
}

/** A member's wallet. */
export function availableAccount(personId: string): string {
  return `users:${personId}:available`
}

export const ASSET_CODE = /^[A-Za-z][A-Za-z0-9:._-]{0,63}$/
export const PATH_LENGTH_MAX = 200
export const PATH = /^[a-z0-9][a-z0-9._-]{0,63}(?::[a-z0-9][a-z0-9._-]{0,63}){1,7}$/

const WITHOUT_FLOOR = /^world:|:receivable$|^platform:loss$/

function throwRefusal(refusal: Rejected | undefined): void {
  if (refusal) throw new Forbidden(refusal.code, refusal.message, refusal.params)
}

function expressionOf(pattern: string): RegExp {
  const segments = pattern.split(':')
  const last = segments.length - 1
  const body = segments.map((segment, i) => {
    if (segment !== '*') return segment.replaceAll('.', '\\.')
    return i === last || i === 0 ? '.+' : '[^:]+'
  })
  return new RegExp(`^${body.join(':')}$`)
}
