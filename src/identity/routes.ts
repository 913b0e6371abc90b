import { z } from 'zod'

import { personOf } from '../core/actor.ts'
import type { Db } from '../core/db.ts'
import { router, zTime } from '../core/http.ts'
import { findPerson } from './identity.ts'
import { keyRoutes } from './routes-keys.ts'
import { roleRoutes } from './routes-roles.ts'

const route = router<{ db: Db }>()

export const identityRoutes = [
  route({
    method: 'get',
    path: '/me',
    may: 'me.read',
    summary: 'Get who is signed in',
    description: 'The person in whose name this request acts.',
    response: z.object({ id: z.uuid(), username: z.string(), joined_at: zTime }),
    handler: async ({ scope: { db }, actor }) => await findPerson(db, { id: personOf(actor) }),
  }),
  ...keyRoutes,
  ...roleRoutes,
]
