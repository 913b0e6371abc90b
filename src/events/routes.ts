import { z } from 'zod'

import type { Actor } from '../core/actor.ts'
import { personOf } from '../core/actor.ts'
import { router, zFlag, zStream } from '../core/http.ts'
import { matchesType, TYPE_PATTERN } from './event-rules.ts'
import { eventView, parsePosition, type EventFeed, type Viewer } from './events.ts'

const route = router<{ events: EventFeed }>()

const zTypes = z
  .string()
  .max(1_000)
  .refine(
    (text) => text.split(',').every((pattern) => TYPE_PATTERN.test(pattern)),
    'Name types such as entry.posted.*, with commas.',
  )
  .meta({ description: 'Only these, with commas between: `entry.posted.transfer`, `proposal.*`.' })

export const eventRoutes = [
  route({
    method: 'get',
    path: '/events',
    may: 'events.read',
    summary: 'Follow what happens',
    description:
      'Server-sent events: one for each entry and each audit event, as soon as it is sealed in the log, in the order of the log. `id` is the leaf’s position and `data` the event as JSON, the same that webhooks deliver. Whoever connects again with the header `Last-Event-ID`, as browsers do by themselves, or with `after`, goes on behind that position and misses nothing; without either it begins now. Staff who may read the books are told everything; members, and staff who ask for `mine`, of their own: entries with the lines on their own accounts, what they did themselves, and what is public, such as proposals. Every 15 s without an event a comment says that the connection is alive. It is closed when the key is revoked, the session ends, or nothing is taken for a minute.',
    errors: ['member_required', 'position_invalid', 'too_many_streams'],
    query: {
      after: z
        .string()
        .regex(/^\d{1,18}$/, 'A position is a whole number.')
        .optional(),
      types: zTypes.optional(),
      mine: zFlag.optional(),
    },
    content_type: 'text/event-stream; charset=utf-8',
    response: zStream,
    handler: ({ scope, actor, query: { after, types, mine = false } }) => {
      const viewer = viewerOf(actor, mine)
      const patterns = types?.split(',') ?? ['*']
      return ({ signal, last_event_id }) => {
        const from = parsePosition(last_event_id) ?? parsePosition(after)
        return pieces(scope.events.follow(viewer, { after: from, signal }), patterns)
      }
    },
  }),
]

function viewerOf(actor: Actor, mine: boolean): Viewer {
  const { principal, role } = actor
  if (!mine && SEES_ALL.has(role)) return { principal, sees: 'all' }
  return { principal, sees: 'own', person: personOf(actor) }
}

/** Those who may read the books and the audit trail anyway. */
const SEES_ALL = new Set<string>(['owner', 'operator', 'finance', 'auditor'])

/** As the HTML standard has it. An id without data moves the place to resume from, and fires no event. */
async function* pieces(batches: ReturnType<EventFeed['follow']>, patterns: readonly string[]): AsyncGenerator<string> {
  for await (const { events, position } of batches) {
    const told = events.filter(({ type }) => matchesType(patterns, type))
    const texts = told.map((event) => `id: ${event.position}\ndata: ${JSON.stringify(eventView(event))}\n\n`)
    if (position > 0n) texts.push(`: alive\nid: ${position - 1n}\n\n`)
    else texts.push(': alive\n\n')
    yield texts.join('')
  }
}
