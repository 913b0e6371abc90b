import { setTimeout as sleep } from 'node:timers/promises'

import type { Db } from '../core/db.ts'
import { TooMany } from '../core/errors.ts'
import { lastBlock } from '../ledger/log/head.ts'
import { type DomainEvent, peopleTouched, readEvents, readOwnEvents } from './event-queries.ts'
import { matchesType, PUBLIC_ACTIONS } from './event-rules.ts'

/**
 * Tells followers of one economy what happens. What is followed is the log: an event is a leaf, its number the leaf's
 * position, so that nothing is written for it, nothing that commits late is skipped, and whoever was away goes on where
 * they stopped. While somebody follows, one query every LOOK_EVERY_MS asks how far the log has grown; what is new is read
 * once for all, and of members only those whom it concerns ask for their own part. Each follower has a place of its own
 * and reads on when it has taken what came before: who is slow costs no memory, and nobody else.
 */
export class EventFeed {
  readonly #db: Db
  readonly #followers = new Map<object, Viewer>()
  readonly #shares = new Map<string, Promise<SharedBatch>>()
  #looking: Promise<void> | undefined
  #size = -1n
  #grown = Promise.withResolvers<void>()
  readonly #closed = new AbortController()

  readonly #idle_ms: number

  constructor(db: Db, { idle_ms = IDLE_MS }: { idle_ms?: number } = {}) {
    this.#db = db
    this.#idle_ms = idle_ms
  }

  /**
   * Batches of what `viewer` may see after the position `after` (unless said, from now on), until `signal`. An empty batch
   * after IDLE_MS says that all is well; `position` is up to where everything has been told.
   * Fails: too_many_streams.
   */
  follow(viewer: Viewer, { after, signal }: FollowOptions): AsyncGenerator<Batch> {
    const mine = [...this.#followers.values()].filter(({ principal }) => principal === viewer.principal)
    if (mine.length >= STREAMS_OF_ONE_MAX || this.#followers.size >= STREAMS_MAX) {
      throw new TooMany('too_many_streams', `Close one of your streams: there may be ${STREAMS_OF_ONE_MAX} at once.`, {
        retry_after_s: 60,
      })
    }
    const key = {}
    this.#followers.set(key, viewer)
    signal.addEventListener('abort', () => this.#followers.delete(key))
    return this.#tell(viewer, { after, signal: AbortSignal.any([signal, this.#closed.signal]) })
  }

  /** How many follow at the moment. */
  get followers(): number {
    return this.#followers.size
  }

  /** Ends all streams. */
  async close(): Promise<void> {
    this.#closed.abort()
    this.#grown.resolve()
    await this.#looking
  }

  async *#tell(viewer: Viewer, { after, signal }: FollowOptions): AsyncGenerator<Batch> {
    this.#looking ??= this.#look()
    const size = await treeSize(this.#db)
    let position = after === undefined || after >= size ? size : after + 1n
    yield { events: [], position }
    while (!signal.aborted) {
      if (position < this.#size) {
        const batch = await this.#read(viewer, { from: position, to: min(this.#size, position + LEAVES_AT_ONCE) })
        position = batch.position
        if (batch.events.length > 0) yield batch
      } else {
        const grew = await this.#wait(signal)
        if (!grew && !signal.aborted) yield { events: [], position }
      }
    }
  }

  async #read(viewer: Viewer, { from, to }: { from: bigint; to: bigint }): Promise<Batch> {
    if (viewer.sees === 'all') return { events: (await this.#shared(from, to)).events, position: to }
    if (this.#size - from <= LEAVES_AT_ONCE && !(await this.#concerns(viewer.person, from, to))) {
      return { events: [], position: to }
    }
    // A member who was long away has little of their own in it: one query for all of it, rather than for each part.
    const { events, until } = await readOwnEvents(this.#db, {
      person: viewer.person,
      from,
      to: this.#size,
      limit: LEAVES_AT_ONCE_OWN,
      open: PUBLIC_ACTIONS,
    })
    return { events, position: until }
  }

  async #concerns(person: string, from: bigint, to: bigint): Promise<boolean> {
    const { asked, touched, everybody } = await this.#shared(from, to)
    return everybody || touched.has(person) || !asked.has(person)
  }

  /** Followers who stand at the same place read the same batch. */
  async #shared(from: bigint, to: bigint): Promise<SharedBatch> {
    const name = `${from}-${to}`
    const known = this.#shares.get(name)
    if (known) return await known
    const reading = this.#readShared(from, to)
    this.#shares.set(name, reading)
    reading.catch(() => this.#shares.delete(name))
    for (const oldest of this.#shares.keys()) {
      if (this.#shares.size <= SHARES_KEPT) break
      this.#shares.delete(oldest)
    }
    return await reading
  }

  async #readShared(from: bigint, to: bigint): Promise<SharedBatch> {
    const events = await readEvents(this.#db, { from, to })
    const asked = new Set([...this.#followers.values()].flatMap((each) => (each.sees === 'own' ? [each.person] : [])))
    const touched = await peopleTouched(this.#db, { from, to, people: [...asked] })
    const me = (who: unknown) => typeof who === 'string' && asked.has(who.replace('person:', ''))
    for (const { subject, data } of events) {
      if (me(subject)) touched.add(subject.replace('person:', ''))
      if ('actor' in data && me(data.actor)) touched.add(String(data.actor).replace('person:', ''))
    }
    return { events, asked, touched, everybody: events.some(({ type }) => matchesType(PUBLIC_ACTIONS, type)) }
  }

  /** Looks how far the log has grown for as long as anybody follows. */
  async #look(): Promise<void> {
    while (this.#followers.size > 0 && !this.#closed.signal.aborted) {
      const size = await treeSize(this.#db).catch(() => this.#size)
      if (size > this.#size) {
        this.#size = size
        this.#grown.resolve()
        this.#grown = Promise.withResolvers<void>()
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.#closed.signal }).catch(() => undefined)
    }
    this.#looking = undefined
  }

  /** False: nothing happened for IDLE_MS. */
  async #wait(signal: AbortSignal): Promise<boolean> {
    const over = new AbortController()
    const idle = sleep(this.#idle_ms, false, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => false)
    try {
      return await Promise.race([this.#grown.promise.then(() => true), idle])
    } finally {
      over.abort()
    }
  }
}

/** Who follows: staff see all, members their own and what is public. */
export type Viewer = { principal: string } & ({ sees: 'all' } | { sees: 'own'; person: string })

export interface Batch {
  events: readonly DomainEvent[]
  /** The place of the next event: everything before it has been told. */
  position: bigint
}

interface SharedBatch {
  events: readonly DomainEvent[]
  /** The members who followed when it was read, and whom of them it concerns. */
  asked: ReadonlySet<string>
  touched: Set<string>
  everybody: boolean
}

interface FollowOptions {
  after: bigint | undefined
  signal: AbortSignal
}

const STREAMS_MAX = 2_000
export const STREAMS_OF_ONE_MAX = 10
const LOOK_EVERY_MS = 250
const IDLE_MS = 15_000
const LEAVES_AT_ONCE = 256n
const LEAVES_AT_ONCE_OWN = 200
const SHARES_KEPT = 8

/** How many leaves are sealed. */
export async function treeSize(db: Db): Promise<bigint> {
  return (await lastBlock(db))?.tree_size ?? 0n
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
