import { z } from 'zod'

import { router, zTime } from '../core/http.ts'
import type { RunningJobs } from '../core/jobs.ts'

const route = router<{ jobs: RunningJobs }>()

const zJob = z
  .object({
    name: z.string(),
    every_ms: z.int().meta({ description: 'How often it is looked at.' }),
    running: z.boolean(),
    last_run_at: zTime.nullable().meta({ description: 'Null: not since the server started.' }),
    last_failed_at: zTime.nullable(),
    last_error: z.string().nullable(),
    due_at: zTime.nullable().meta({ description: 'When it is looked at next.' }),
  })
  .meta({ id: 'Job' })

export const jobRoutes = [
  route({
    method: 'get',
    path: '/jobs',
    may: 'jobs.read',
    summary: 'List jobs',
    description:
      'What is done by itself when it falls due, when it ran last on the server that answers, and what went wrong last. Of several servers each keeps its own account.',
    response: z.object({ data: z.array(zJob) }),
    handler: ({ scope }) => ({ data: scope.jobs.status() }),
  }),
]
