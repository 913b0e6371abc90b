import { type Db, transaction } from '../core/db.ts'
import type { Job } from '../core/jobs.ts'
import { sweepImpersonations } from './impersonation.ts'
import { sweepNonces } from './wallet-challenges.ts'

/** What falls due among people, in every economy. */
export const IDENTITY_JOBS: readonly Job<{ db: Db }>[] = [
  {
    name: 'identity.end_impersonations',
    every_ms: 5_000,
    run: async ({ db }, { now }) => await transaction(db, async (tx) => await sweepImpersonations(tx, { now })),
  },
  {
    name: 'identity.forget_nonces',
    every_ms: 60_000,
    run: async ({ db }, { now }) => await transaction(db, async (tx) => await sweepNonces(tx, { now })),
  },
]
