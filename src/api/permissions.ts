import { z } from 'zod'

import { router } from '../core/http.ts'
import { actionsOf } from './authorize.ts'

const route = router<object>()

/** For a client that shows people what they may do, and not the rest: the same table that decides when they do it. */
export const permissionRoutes = [
  route({
    method: 'get',
    path: '/permissions',
    may: 'permissions.read',
    summary: 'Get what this request may do',
    description: 'Who acts, in which role, and the actions of the table that are open to them.',
    response: z.object({
      actor: z
        .string()
        .meta({ description: '`key:<uuid>` or `person:<uuid>`, as entries and audit events name who did it.' }),
      role: z.string(),
      person: z.string().nullable().meta({ description: 'Who is signed in, or whose personal key it is.' }),
      actions: z.array(z.string()),
    }),
    handler: ({ actor }) => ({
      actor: actor.id,
      role: actor.role,
      person: actor.person ?? null,
      actions: actionsOf(actor),
    }),
  }),
]
