import type { Clock } from '../core/clock.ts'
import { type Db, transaction } from '../core/db.ts'
import type { Job } from '../core/jobs.ts'
import { payDueStakes, STAKES_PER_SWEEP } from './payout.ts'

/** What falls due: stakes whose term, or whose delay after an early end, is over. */
export const STAKING_JOBS: readonly Job<{ db: Db; clock: Clock }>[] = [
  { name: 'staking.pay_due', every_ms: 1_000, run: async ({ db }, { now }) => await sweepStakes(db, { now }) },
]

/** Pays all that is due by `now`, a transaction for each STAKES_PER_SWEEP; says how many stakes it dealt with. */
export async function sweepStakes(db: Db, { now }: { now: Date }): Promise<number> {
  let swept = 0
  for (;;) {
    const paid = await transaction(db, async (tx) => await payDueStakes(tx, { now }))
    swept += paid
    if (paid < STAKES_PER_SWEEP) return swept
  }
}
