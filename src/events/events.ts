import { BadRequest } from '../core/errors.ts'
import type { DomainEvent } from './event-queries.ts'

export { type DomainEvent, readEvents } from './event-queries.ts'
export { matchesType, TYPE_PATTERN } from './event-rules.ts'
export { EventFeed, treeSize, type Viewer } from './feed.ts'

/** An event as it is told, to browsers and to other servers. */
export function eventView({ id, position, type, at, subject, data }: DomainEvent) {
  return { type, timestamp: at.toISOString(), id, position: `${position}`, subject, data }
}

/** Fails: position_invalid. */
export function parsePosition(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,18}$/.test(text)) {
    throw new BadRequest(
      'position_invalid',
      'A position in the log is a whole number. Connect again without it to begin now.',
    )
  }
  return BigInt(text)
}
