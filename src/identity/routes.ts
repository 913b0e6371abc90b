import { z } from 'zod'

import { personOf, SCOPES, STAFF_ROLES } from '../core/actor.ts'
import type { Db } from '../core/db.ts'
import { router, zTime } from '../core/http.ts'
import { asMember } from '../core/member.ts'
import { findPerson } from './identity.ts'
import { findImpersonation } from './impersonation.ts'
import { keyRoutes } from './routes-keys.ts'
import { peopleRoutes } from './routes-people.ts'
import { roleRoutes } from './routes-roles.ts'
import { walletRoutes } from './routes-wallets.ts'

const route = router<{ db: Db }>()

const zBanner = z
  .object({ id: z.uuid(), actor: z.string(), reason: z.string(), started_at: zTime, expires_at: zTime })
  .meta({ description: 'Who of staff reads as this person, why and until when.' })

export const identityRoutes = [
  route({
    method: 'get',
    path: '/me',
    may: 'me.read',
    summary: 'Get who is signed in',
    description:
      'The person in whose name this request acts, in which role, and with which scopes if it is by a personal key. Where staff read as the person, `impersonation` says so.',
    response: z.object({
      id: z.uuid(),
      username: z.string(),
      joined_at: zTime,
      role: z.enum([...STAFF_ROLES, 'member']),
      scopes: z.array(z.enum(SCOPES)).nullable(),
      impersonation: zBanner.nullable(),
    }),
    handler: async ({ scope: { db }, actor }) => {
      const id = personOf(actor)
      const { impersonation: reading } = actor
      return await asMember(db, id, async (tx) => ({
        ...(await findPerson(tx, { id })),
        role: actor.role,
        scopes: actor.scopes ? [...actor.scopes] : null,
        impersonation: (reading === undefined ? undefined : await findImpersonation(tx, reading)) ?? null,
      }))
    },
  }),
  ...keyRoutes,
  ...roleRoutes,
  ...peopleRoutes,
  ...walletRoutes,
]
