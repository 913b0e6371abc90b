import type { Clock } from '../core/clock.ts'
import { type Db, transaction } from '../core/db.ts'
import type { Job } from '../core/jobs.ts'
import { distributeThrough } from './distribution.ts'
import { termsAt } from './parameters.ts'
import { setDemandByViews } from './views-demand.ts'

/** What falls due: the weeks that are over, where the economy distributes them by itself, and the demand of articles. */
export const CONTRIBUTION_JOBS: readonly Job<{ db: Db; clock: Clock }>[] = [
  {
    name: 'contributions.distribute',
    every_ms: 60_000,
    run: async ({ db, clock }, { now }) => {
      const { distributionAuto } = await termsAt(db, now)
      if (distributionAuto) await distributeThrough(db, { through: now, clock, actor: 'system' })
    },
  },
  {
    name: 'contributions.demand',
    every_ms: 60_000,
    run: async ({ db }, { now }) => await transaction(db, async (tx) => await setDemandByViews(tx, { now })),
  },
]
