import { z } from 'zod'

import type { Db } from '../core/db.ts'
import { router, zCursor, zLimit, zText, zTime } from '../core/http.ts'
import { keyset, zPage, zSerial } from '../core/page.ts'
import { listParameters, type Parameter, parameterAt, parameterHistory, setParameter } from './parameters.ts'
import { auditRoutes } from './routes-audit.ts'

const route = router<{ db: Db }>()

const zName = zText(64)

const zParameter = z.object({
  name: z.string(),
  module: z.string(),
  description: z.string(),
  shape: z.unknown().meta({ description: 'What its values may be: type, bounds, columns of a table.' }),
  governable: z.boolean().meta({ description: 'May a proposal change it?' }),
  aliases: z.array(z.string()),
  value: z.unknown(),
  in_force_from: zTime,
  set_at: zTime,
  set_by: z.string(),
})

const zChange = z.object({ value: z.unknown(), in_force_from: zTime, set_at: zTime, set_by: z.string() })

const changes = keyset('parameters.history', z.tuple([zSerial]))

export const economyRoutes = [
  route({
    method: 'get',
    path: '/parameters',
    may: 'parameters.read',
    summary: 'List the parameters',
    description:
      'Every number that the rules read, with its bounds and since when it is in force; `at` asks for another time.',
    query: { at: zTime.optional() },
    response: z.object({ data: z.array(zParameter) }),
    handler: async ({ scope, query, now }) => ({
      data: (await listParameters(scope.db, query.at ?? now)).map(parameterView),
    }),
  }),
  route({
    method: 'get',
    path: '/parameters/:name',
    may: 'parameters.read',
    summary: 'Get a parameter',
    description: 'One parameter, by its name or another that it has, as it is in force or was at a time.',
    errors: ['parameter_not_found'],
    params: { name: zName },
    query: { at: zTime.optional() },
    response: zParameter,
    handler: async ({ scope, params, query, now }) =>
      parameterView(await parameterAt(scope.db, params.name, query.at ?? now)),
  }),
  route({
    method: 'get',
    path: '/parameters/:name/history',
    may: 'parameters.read',
    summary: 'List a parameter’s changes',
    description: 'Who set it to what, and from when on; newest first.',
    errors: ['parameter_not_found'],
    params: { name: zName },
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zChange),
    handler: async ({ scope, params: { name }, query: { limit, cursor }, now }) => {
      const after = changes.after(cursor, { name })
      const rows = await parameterHistory(scope.db, {
        name,
        at: now,
        limit: limit + 1,
        ...(after && { before: after[0] }),
      })
      const view = ({ value, in_force_from, set_at, actor }: (typeof rows)[number]) => ({
        value,
        in_force_from,
        set_at,
        set_by: actor,
      })
      return changes.page(rows, { limit, filters: { name }, keyOf: ({ id }) => [id], view })
    },
  }),
  route({
    method: 'post',
    path: '/parameters/:name',
    may: 'parameters.set',
    idempotency: 'required',
    summary: 'Set a parameter',
    description:
      'Changes it from now on, or from a later time; a rule for a period reads what is in force at the period’s end. The change is an audit event.',
    errors: ['parameter_not_found', 'parameter_in_the_past', 'parameter_invalid', 'parameter_out_of_bounds'],
    params: { name: zName },
    body: z.strictObject({ value: z.unknown(), in_force_from: zTime.optional() }),
    response: zParameter,
    handler: async ({ tx, actor, params, body, now }) => {
      const from = body.in_force_from && { inForceFrom: body.in_force_from }
      return parameterView(
        await setParameter(tx, { name: params.name, value: body.value, ...from, actor: actor.id, now }),
      )
    },
  }),
  ...auditRoutes,
]

function parameterView({ actor, ...parameter }: Parameter) {
  return { ...parameter, set_by: actor }
}
