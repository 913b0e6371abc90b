import type { Db } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import type { Blueprint } from '../economy/define.ts'
import type { Governance } from '../economy/proposal-effects.ts'
import type { Chart } from '../ledger/chart.ts'

/** What the routes of governance need of an economy. */
export interface GovernanceScope {
  db: Db
  blueprint: Pick<Blueprint, 'name' | 'governance'>
  chart: Chart
}

/** Fails: module_off. */
export function governanceOf({ blueprint: { governance, name } }: GovernanceScope): Governance {
  if (governance) return governance
  throw new NotFound('module_off', `Nothing is decided by vote in an economy of the blueprint ${name}.`)
}
