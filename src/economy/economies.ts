import { setTimeout as sleep } from 'node:timers/promises'

import { assert } from '../core/assert.ts'
import { Unavailable } from '../core/errors.ts'
import { type Control, type EconomyRecord, findEconomy, listEconomies } from './control.ts'
import { type OpenedEconomy, openEconomy, type OpenOptions } from './open.ts'

/**
 * The economies of a server. Each is opened when it is first asked for, together with what `start` runs for it, and
 * closed when nobody has used it for a while; earlier when another one needs its share of the connections, or when
 * another process has dropped, restored or frozen it.
 */
export class Economies<Parts extends Closable> implements AsyncDisposable {
  readonly #options: EconomiesOptions<Parts>
  readonly #open_max: number
  readonly #slots = new Map<string, Slot<Parts>>()
  readonly #timer: NodeJS.Timeout
  #closed = false
  /** Settles when somebody gives an economy back or one is closed: what those who wait for room wait for. */
  #change = Promise.withResolvers<void>()

  constructor(options: EconomiesOptions<Parts>) {
    this.#options = options
    this.#open_max = Math.max(1, Math.floor(options.connections_max / this.#connectionsOfOne))
    this.#timer = setInterval(() => void this.#closeUnused(), CHECK_MS).unref()
  }

  /** Runs `work` with the economy of that name, which stays open meanwhile. Fails: as `lease`. */
  async with<T>(name: string, work: (economy: Economy<Parts>) => Promise<T>): Promise<T> {
    using lease = await this.lease(name)
    return await work(lease.economy)
  }

  /**
   * Lends the economy of that name until the lease is disposed of; it stays open that long.
   * Fails, in this order: economy_not_found, economies_busy when as many as there are connections for are in use, then
   * as `openEconomy`.
   */
  async lease(name: string): Promise<Lease<Parts>> {
    const slot = await this.#slotOf(name)
    slot.leases++
    try {
      const economy = await slot.economy
      return { economy, [Symbol.dispose]: () => this.#giveBack(slot) }
    } catch (error) {
      this.#giveBack(slot)
      throw error
    }
  }

  /** Those that are open at the moment. Nobody is lent them: they may be closed while they are looked at. */
  async running(): Promise<Economy<Parts>[]> {
    const open = [...this.#slots.values()].filter(({ closing }) => closing === undefined)
    const economies = await Promise.all(open.map(async ({ economy }) => await economy.catch(() => undefined)))
    return economies.filter((economy) => economy !== undefined)
  }

  /**
   * Closes the economy of that name once nobody uses it, at the latest after CLOSE_PATIENCE_MS; it may be opened again.
   */
  async close(name: string): Promise<void> {
    const slot = this.#slots.get(name)
    if (slot) await this.#closeSlot(name, slot)
  }

  /** Closes all of them, for good. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await Promise.all([...this.#slots.keys()].map(async (name) => await this.close(name)))
  }

  get #connectionsOfOne(): number {
    return Math.min(this.#options.economy_connections_max ?? ECONOMY_CONNECTIONS_MAX, this.#options.connections_max)
  }

  /** The slot of an open economy, or of one that is being opened. */
  async #slotOf(name: string): Promise<Slot<Parts>> {
    const deadline_ms = performance.now() + ROOM_PATIENCE_MS
    for (;;) {
      assert(!this.#closed, 'The economies are closed.')
      const slot = this.#slots.get(name)
      if (slot && !slot.closing) return slot
      if (slot) await slot.closing
      else {
        // Asked before there is room for it, so that a name that does not exist closes nobody.
        const record = await findEconomy(this.#options.control, name)
        if (this.#slots.has(name)) continue
        if (this.#slots.size < this.#open_max) return this.#open(name, record)
        await this.#makeRoom(deadline_ms)
      }
    }
  }

  /** Closes the one that nobody has used for longest; where all are in use, waits until one is given back. */
  async #makeRoom(deadline_ms: number): Promise<void> {
    const idle = [...this.#slots].filter(([, slot]) => slot.leases === 0)
    const [longest] = idle.toSorted(([, a], [, b]) => a.used_ms - b.used_ms)
    // What goes wrong in closing the one is no reason to refuse the other.
    if (longest) return await this.#closeSlot(...longest).catch(() => undefined)
    const left_ms = deadline_ms - performance.now()
    if (left_ms <= 0) {
      throw new Unavailable(
        'economies_busy',
        'Too many economies are in use at once. Try again, or raise FLORIN_DB_CONNECTIONS.',
      )
    }
    await Promise.race([this.#change.promise, sleep(left_ms, undefined, { ref: false })])
  }

  #open(name: string, record: EconomyRecord): Slot<Parts> {
    const { control, start, parts_connections = 0, ...options } = this.#options
    const connections_max = Math.max(1, this.#connectionsOfOne - parts_connections)
    const open = async () => {
      const opened = await openEconomy(control, record, { ...options, connections_max })
      try {
        return { ...opened, ...(await start(opened)) }
      } catch (error) {
        await opened.db.destroy()
        throw error
      }
    }
    const slot: Slot<Parts> = { record, economy: open(), leases: 0, used_ms: performance.now(), closing: undefined }
    this.#slots.set(name, slot)
    slot.economy.catch(() => this.#forget(name, slot))
    return slot
  }

  #giveBack(slot: Slot<Parts>): void {
    slot.leases--
    slot.used_ms = performance.now()
    this.#announce()
  }

  async #closeSlot(name: string, slot: Slot<Parts>): Promise<void> {
    slot.closing ??= (async () => {
      try {
        const economy = await slot.economy.catch(() => undefined)
        await this.#untilUnused(slot)
        try {
          await economy?.close()
        } finally {
          await economy?.db.destroy()
        }
      } finally {
        this.#forget(name, slot)
      }
    })()
    await slot.closing
  }

  async #untilUnused(slot: Slot<Parts>): Promise<void> {
    const patience = sleep(CLOSE_PATIENCE_MS, 'over' as const, { ref: false })
    while (slot.leases > 0) {
      if ((await Promise.race([this.#change.promise, patience])) === 'over') return
    }
  }

  async #closeUnused(): Promise<void> {
    // What the control database does not answer now, it will in a moment.
    const records = await listEconomies(this.#options.control).catch(() => undefined)
    const unused = [...this.#slots].filter(([name, { leases, used_ms, record }]) => {
      const now = records?.find((each) => each.name === name)
      const changed =
        records && !(now?.state === record.state && now.created_at.getTime() === record.created_at.getTime())
      return changed || (leases === 0 && performance.now() - used_ms > IDLE_MS)
    })
    await Promise.allSettled(unused.map(async ([name, slot]) => await this.#closeSlot(name, slot)))
  }

  #forget(name: string, slot: Slot<Parts>): void {
    if (this.#slots.get(name) === slot) this.#slots.delete(name)
    this.#announce()
  }

  #announce(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers<void>()
  }
}

/** An open economy with what runs for it, such as its batcher and sealer. */
export type Economy<Parts> = OpenedEconomy & Parts

export interface Lease<Parts> extends Disposable {
  economy: Economy<Parts>
}

export interface EconomiesOptions<Parts extends Closable> extends Omit<OpenOptions, 'connections_max'> {
  control: Control
  /** Starts what runs for an economy; its `close` is called before the connections go. */
  start: (economy: OpenedEconomy) => Promise<Parts>
  /** Connections that all economies share: as many are open at once as that allows. */
  connections_max: number
  /** Connections of one economy, with those that what runs for it opens. */
  economy_connections_max?: number
  /** Those of them that what runs for it opens. */
  parts_connections?: number
}

interface Closable {
  close(): Promise<void>
}

interface Slot<Parts> {
  /** As it was when it was opened. */
  record: EconomyRecord
  economy: Promise<Economy<Parts>>
  /** How many use it at the moment. */
  leases: number
  used_ms: number
  closing: Promise<void> | undefined
}

const ECONOMY_CONNECTIONS_MAX = 10
const IDLE_MS = 10 * 60_000
const CHECK_MS = 2_000
const ROOM_PATIENCE_MS = 10_000
const CLOSE_PATIENCE_MS = 10_000
