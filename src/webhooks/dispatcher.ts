import { setTimeout as sleep } from 'node:timers/promises'

import { AT_ONCE, deliverDue, endpointsDue, type Sender } from './deliver.ts'

/**
 * Sends an economy's messages as they fall due. Each endpoint is worked on by itself, so that a slow one holds up nobody
 * else; several servers share the work, since a message is claimed before it is sent. Only closing waits for what is on
 * its way.
 */
export class Dispatcher {
  readonly #sender: Sender
  readonly #onError: (error: unknown) => void
  readonly #busy = new Map<string, Promise<void>>()
  readonly #closed = new AbortController()
  #looking: Promise<void> = Promise.resolve()

  constructor(sender: Sender, { onError }: { onError: (error: unknown) => void }) {
    this.#sender = sender
    this.#onError = onError
  }

  start(): void {
    this.#looking = this.#look()
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await this.#looking
    await Promise.all(this.#busy.values())
  }

  async #look(): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      await this.#begin().catch(this.#onError)
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async #begin(): Promise<void> {
    const due = await endpointsDue(this.#sender.db, this.#sender.clock.now())
    for (const endpoint of due.filter((id) => !this.#busy.has(id))) {
      const work = this.#workOn(endpoint)
        .catch(this.#onError)
        .finally(() => this.#busy.delete(endpoint))
      this.#busy.set(endpoint, work)
    }
  }

  async #workOn(endpoint: string): Promise<void> {
    while (!this.#closed.signal.aborted) {
      if ((await deliverDue(this.#sender, endpoint)) < AT_ONCE) return
    }
  }
}

const LOOK_EVERY_MS = 500
