import type { Db } from '../core/db.ts'
import type { Batcher } from './batcher.ts'
import type { Chart } from './chart.ts'

/** What the ledger's routes need of an economy. */
export interface LedgerScope {
  db: Db
  batcher: Batcher
  chart: Chart
  /** The kinds of entries that `reverse` undoes. */
  reversibleKinds: ReadonlySet<string>
}
