import type { Db, Tx } from '../core/db.ts'
import type { Chart } from '../ledger/chart.ts'
import type { JsonValue } from './parameter-rules.ts'

/** What members decide by vote: what their proposals may do, by type, and what of their stakes counts. */
export interface Governance {
  effects: Readonly<Record<string, ProposalEffect>>
  stakedAsOf: StakedAsOf
}

/**
 * What a passed proposal of one type does. Each runs in the transaction that changes the proposal's state, after its row
 * is claimed, and posts at most once and last.
 */
export interface ProposalEffect {
  /** What is asked for, in a sentence for the documentation. */
  description: string
  /** Reads the parameters of a new proposal, and gives them as they are kept and shown. Throws a refusal. */
  check(tx: Tx, asked: AskedEffect): Promise<EffectParameters>
  /** When the proposal passes: sets aside what it promises. A refusal expires it. */
  reserve?(tx: Tx, passed: PassedProposal): Promise<void>
  /** Carries it out: once. A refusal that may pass (409) is tried again for a while, any other expires it. */
  execute(tx: Tx, passed: PassedProposal): Promise<void>
  /** Gives back what was set aside, when it was cancelled or has expired. */
  release?(tx: Tx, passed: PassedProposal): Promise<void>
}

export interface AskedEffect {
  parameters: unknown
  chart: Chart
  now: Date
}

export interface PassedProposal {
  id: string
  parameters: EffectParameters
  now: Date
}

export type EffectParameters = { [name: string]: JsonValue | null }

/** What people have in stakes that were made by `startedBy` and not over at `at`, as a sealed tree size says. */
export type StakedAsOf = (db: Db | Tx, asked: AskedStakes) => Promise<ReadonlyMap<string, bigint>>

export interface AskedStakes {
  asset: string
  people: readonly string[]
  at: Date
  startedBy: Date
  treeSize: bigint
}
