import type { Clock } from '../core/clock.ts'
import type { Db, Tx } from '../core/db.ts'
import type { Job } from '../core/jobs.ts'
import type { ChartRule, KindOwners } from '../ledger/chart.ts'
import type { Invariant } from '../ledger/invariants.ts'
import type { Bounds, JsonValue } from './parameter-rules.ts'
import type { Governance } from './proposal-effects.ts'

/**
 * An economy's recipe: what it counts, which modules it runs, and with which first values. It is data. An economy keeps
 * its own assets and parameters once it is created; a later version of its blueprint only adds to them.
 */
export interface Blueprint {
  name: string
  title: string
  assets: readonly BlueprintAsset[]
  /** The modules switched on; every economy has the tables of all. */
  modules: readonly string[]
  parameters: readonly BlueprintParameters[]
  /** The accounts that its modules own, beside those of the ledger. */
  chart: readonly ChartRule[]
  /** The kinds of entries that its modules alone post, beside those of the ledger. */
  kinds: KindOwners
  /** Kinds of entries that staff may reverse, beside those that they post by hand. */
  reversibleKinds: readonly string[]
  /** What must always hold between its modules and the books, beside the ledger's own invariants. */
  invariants: readonly Invariant[]
  /** What its modules give an economy that lacks it, such as their pools; each writes nothing when nothing is new. */
  setUp?: readonly ((tx: Tx, options: { now: Date }) => Promise<void>)[]
  /** What its modules do when it falls due. */
  jobs: readonly Job<{ db: Db; clock: Clock; blueprint: Blueprint }>[]
  /** What its members decide by vote, if anything. */
  governance?: Governance
}

export interface BlueprintAsset {
  code: string
  name: string
  /** Decimals of its smallest unit. */
  scale: number
  /** What may ever be issued, in whole units. */
  maxSupply: string
  /** What is issued when the economy is created, and to which accounts. */
  genesis: readonly Allocation[]
}

export interface Allocation {
  to: string
  /** In whole units, such as `1000.5`. */
  amount: string
}

/** The parameters of a module, with what this blueprint wants otherwise. */
export interface BlueprintParameters {
  of: ParameterSet
  /** The asset that their amounts are of. */
  asset: string
  first?: { readonly [name: string]: JsonValue }
}

/** Keeps a module's definitions together, with the types of their values (see `parametersAt`). */
export function defineParameters<const D extends ParameterDefinitions>(
  module: string,
  definitions: D,
): ParameterSet<D> {
  return { module, definitions }
}

export interface ParameterSet<D extends ParameterDefinitions = ParameterDefinitions> {
  module: string
  definitions: D
}

export type ParameterDefinitions = { readonly [name: string]: ParameterDefinition }

export type ParameterDefinition = (ScalarDefinition | TableDefinition) & {
  description: string
  /** In force until somebody sets another. */
  first: unknown
  /** May a proposal change it? Then it has bounds. */
  governable?: boolean
  /** Other names that it is accepted under. */
  aliases?: readonly string[]
}

export type ScalarDefinition =
  | { type: 'integer'; bounds?: Bounds }
  | { type: 'decimal'; digits: number; bounds?: Bounds }
  | { type: 'amount'; bounds?: Bounds }
  | { type: 'boolean' }

export interface TableDefinition {
  type: 'table'
  columns: { readonly [column: string]: ScalarDefinition | { type: 'text'; values: readonly string[] } }
  /** The column that no two rows share. */
  key: string
  /** How many rows there may be. */
  bounds: Bounds
}

/** What `parametersAt` gives for these definitions. */
export type ParameterValues<D> = { [Name in keyof D]: ValueOf<D[Name]> }

type ValueOf<D> = D extends { type: 'integer' | 'decimal' }
  ? number
  : D extends { type: 'amount' }
    ? bigint
    : D extends { type: 'boolean' }
      ? boolean
      : D extends { type: 'text'; values: readonly (infer V)[] }
        ? V
        : D extends { type: 'table'; columns: infer Columns }
          ? ParameterValues<{ -readonly [Name in keyof Columns]: Columns[Name] }>[]
          : never
