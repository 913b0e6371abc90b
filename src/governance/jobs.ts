import { type Db, transaction } from '../core/db.ts'
import { AppError } from '../core/errors.ts'
import type { Job } from '../core/jobs.ts'
import type { Blueprint } from '../economy/define.ts'
import type { Governance } from '../economy/proposal-effects.ts'
import { advance, giveUp } from './advance.ts'
import { dueProposals } from './governance-queries.ts'

/** What falls due: voting that opens, votes that are decided, what has passed and waited. */
export const GOVERNANCE_JOBS: readonly Job<{ db: Db; blueprint: Blueprint }>[] = [
  {
    name: 'governance.advance',
    every_ms: 1_000,
    run: async ({ db, blueprint: { governance } }, { now }) => {
      if (governance) await advanceProposals(db, { governance, now })
    },
  },
]

/**
 * Takes each proposal that is due one step on, each in a transaction of its own: one that fails keeps none of the others
 * waiting. Gives how many were due.
 */
export async function advanceProposals(
  db: Db,
  { governance, now }: { governance: Governance; now: Date },
): Promise<number> {
  const due = await dueProposals(db, { now, limit: PROPOSALS_PER_SWEEP })
  const errors: unknown[] = []
  for (const id of due) {
    try {
      await advanceOne(db, { id, governance, now })
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
  return due.length
}

const PROPOSALS_PER_SWEEP = 100

async function advanceOne(db: Db, step: { id: string; governance: Governance; now: Date }): Promise<void> {
  try {
    await transaction(db, async (tx) => await advance(tx, step))
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error
    await transaction(db, async (tx) => await giveUp(tx, { ...step, refusal: error }))
  }
}
