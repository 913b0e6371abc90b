import { setTimeout as sleep } from 'node:timers/promises'

import { assert } from '../core/assert.ts'
import type { Clock } from '../core/clock.ts'
import { databaseTrouble, type Db, isPgError, PG, transactionWithLast, type Tx, type WithLast } from '../core/db.ts'
import { Unavailable } from '../core/errors.ts'
import { accountKey, type Keyed } from './book.ts'
import { POSTINGS_MAX, weightOf } from './check-items.ts'
import { chainEnd, evaluate } from './evaluate.ts'
import { holdOf, isEntry, isHold, type Item, type Result } from './items.ts'
import { withKeys } from './post.ts'
import { readBook } from './read-book.ts'
import { rejected } from './refusals.ts'
import { isKeyClaimed, startWriting } from './write-book.ts'

/**
 * Group commit: gathers what arrives while the last batch commits, and posts it in one database transaction. Callers
 * wait for the commit, so an answer is durable; thousands of them share one fsync and one lock statement.
 *
 * An item (or linked chain) on an account that somebody else's transaction holds waits for the next batch and never
 * stops the others; after BUSY_MS it is refused with `account_busy`, which no key remembers. What the database will not
 * take fails alone.
 * Fails: the codes of `checkItems`; ledger_overloaded when QUEUE_POSTINGS_MAX postings wait; what the database throws,
 * after which it is unknown which of the items were posted: ask again with the same keys.
 */
export class Batcher {
  readonly #db: Db
  readonly #clock: Clock | undefined
  #waiting: Chain[] = []
  #waitingPostings = 0
  #running: Promise<void> | undefined
  #closed = false

  /** With a `clock` its time is recorded; without, the database's own. */
  constructor(db: Db, clock?: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** Evaluates `items` in order and answers each, once what was accepted is on disk. */
  async submit(items: readonly Item[], { beside, ...caller }: SubmitOptions): Promise<Result[]> {
    assert(!this.#closed, 'The batcher is closed')
    const chains = chainsOf(withKeys(items, caller), beside)
    const postings = chains.reduce((sum, chain) => sum + chain.postings, 0)
    if (this.#waitingPostings + postings > QUEUE_POSTINGS_MAX) {
      throw new Unavailable(
        'ledger_overloaded',
        'Too much is waiting to be posted. Try again in a moment with the same key.',
      )
    }
    const answers = chains.map((chain) => chain.answer.promise)
    this.#enqueue(chains)
    this.#running ??= this.#run()
    return (await Promise.all(answers)).flat()
  }

  /** Waits for everything submitted; nothing may be submitted afterwards. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  #enqueue(chains: readonly Chain[]): void {
    for (const chain of chains) {
      this.#waiting.push(chain)
      this.#waitingPostings += chain.postings
    }
  }

  async #run(): Promise<void> {
    // One turn of the event loop lets everybody who is about to submit do so. The first batch leaves half of them to
    // the next: else all are answered at once, ask again at once, and database and server wait for each other in turn.
    await new Promise(setImmediate)
    let fruitless = 0
    let callers_max = Math.ceil(new Set(this.#waiting.map(({ submission }) => submission)).size / 2)
    while (this.#waiting.length > 0) {
      const batch = this.#take(callers_max)
      callers_max = Infinity
      const busy = await this.#postBatch(batch)
      this.#postpone(busy)
      fruitless = busy.length === batch.length ? fruitless + batch.length : 0
      if (fruitless < this.#waiting.length) continue
      // All that waits has met a busy account.
      if (fruitless > 0) await sleep(BUSY_PAUSE_MS)
      fruitless = 0
    }
    this.#running = undefined
  }

  #take(callers_max: number): Chain[] {
    let items = 0
    let postings = 0
    let chains = 0
    const callers = new Set<Submission>()
    while (chains < this.#waiting.length && items < BATCH_ITEMS_MAX && postings < POSTINGS_MAX) {
      const chain = this.#waiting[chains]!
      callers.add(chain.submission)
      if (callers.size > callers_max) break
      chains++
      items += chain.items.length
      postings += chain.postings
    }
    this.#waitingPostings -= postings
    return this.#waiting.splice(0, chains)
  }

  /** To the end of the queue, lest a thousand that wait for one account stop everybody else; unless their time is up. */
  #postpone(busy: readonly Chain[]): void {
    const now_ms = performance.now()
    for (const chain of busy) {
      if (now_ms - chain.since_ms < BUSY_MS) this.#enqueue([chain])
      else
        settle(
          chain,
          chain.items.map(() => ACCOUNT_BUSY),
        )
    }
  }

  /** Posts and answers; returns the chains that met a busy account. */
  async #postBatch(batch: readonly Chain[]): Promise<Chain[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { answers, busy } = await transactionWithLast(this.#db, (tx) => this.#evaluate(tx, batch))
        for (const [chain, results] of answers) settle(chain, results)
        return busy
      } catch (error) {
        if (mayPassByItself(error) && attempt < ATTEMPTS_MAX) continue
        if (batch.length === 1 || (databaseTrouble(error) && !mayPassByItself(error))) {
          for (const chain of batch) fail(chain, error)
          return []
        }
        // One of them may be what the database will not take: the others must not fail with it.
        const half = Math.ceil(batch.length / 2)
        const busy = await this.#postBatch(batch.slice(0, half))
        return [...busy, ...(await this.#postBatch(batch.slice(half)))]
      }
    }
  }

  async #evaluate(tx: Tx, batch: readonly Chain[]): Promise<WithLast<Evaluated>> {
    const { book, busy, holdAccounts } = await readBook(
      tx,
      batch.flatMap(({ items }) => items),
      { now: this.#clock?.now(), skipLocked: true },
    )
    const answers = new Map<Chain, Result[]>()
    const postponed: Chain[] = []
    const settled = new Map<Submission, number>()
    const beside = new Map<Beside['insert'], unknown[]>()
    for (const chain of batch) {
      // The items of one caller keep their order: what follows a postponed one waits with it.
      const before = settled.get(chain.submission) ?? chain.submission.settled
      if (chain.no > before || chain.items.some((keyed) => touches(keyed, busy, holdAccounts))) {
        postponed.push(chain)
        continue
      }
      settled.set(chain.submission, before + 1)
      const results = evaluate(book, chain.items)
      answers.set(chain, results)
      if (chain.beside && results.every(isNew)) {
        const rows = beside.get(chain.beside.insert) ?? []
        rows.push(chain.beside.row)
        beside.set(chain.beside.insert, rows)
      }
    }
    for (const [insert, rows] of beside) await insert(tx, rows)
    return { result: { answers, busy: postponed }, last: await startWriting(tx, book) }
  }
}

export interface SubmitOptions {
  actor: string
  principal?: string
  /** A module's own row, written in the same transaction if all of the items are accepted. */
  beside?: Beside
}

/** Rows with the same `insert` are written together, once a batch. */
export interface Beside {
  insert: (tx: Tx, rows: unknown[]) => Promise<void>
  row: unknown
}

const BATCH_ITEMS_MAX = 1_000
const QUEUE_POSTINGS_MAX = 100_000
const BUSY_MS = 1_000
const BUSY_PAUSE_MS = 5
const ATTEMPTS_MAX = 5

const ACCOUNT_BUSY = rejected('account_busy', 'An account of this entry is busy. Try again with the same key.')

/** Items of one linked chain, which are always evaluated together. */
interface Chain {
  items: Keyed[]
  postings: number
  submission: Submission
  /** Which of the submission's chains it is. */
  no: number
  beside: Beside | undefined
  since_ms: number
  answer: PromiseWithResolvers<Result[]>
}

/** One call, of whose chains so many have been answered. */
interface Submission {
  settled: number
}

function chainsOf(items: Keyed[], beside: Beside | undefined): Chain[] {
  const chains: Chain[] = []
  const submission = { settled: 0 }
  const since_ms = performance.now()
  for (let start = 0; start < items.length;) {
    const chain = items.slice(start, chainEnd(items, start))
    const postings = chain.reduce((sum, { item }) => sum + weightOf(item), 0)
    const answer = Promise.withResolvers<Result[]>()
    chains.push({ items: chain, postings, submission, no: chains.length, beside, since_ms, answer })
    start += chain.length
  }
  assert(!beside || chains.length === 1, 'A row is written beside one item or one linked chain')
  return chains
}

function settle(chain: Chain, results: Result[]): void {
  chain.submission.settled++
  chain.answer.resolve(results)
}

function fail(chain: Chain, error: unknown): void {
  chain.submission.settled++
  chain.answer.reject(error)
}

interface Evaluated {
  answers: Map<Chain, Result[]>
  busy: Chain[]
}

/** Somebody else's key claimed while the batch was evaluated can be read now, so evaluating again helps there, too. */
function mayPassByItself(error: unknown): boolean {
  return isKeyClaimed(error) || PASSING.some((code) => isPgError(error, code))
}

const PASSING = [PG.deadlock_detected, PG.serialization_failure, PG.lock_not_available]

function isNew(result: Result): boolean {
  return result.status !== 'rejected' && !result.replayed
}

function touches({ item }: Keyed, busy: Set<string>, holdAccounts: Map<string, string>): boolean {
  if (busy.size === 0) return false
  const hold = holdOf(item)
  if (hold !== undefined && busy.has(holdAccounts.get(hold) ?? '')) return true
  if (isHold(item)) return busy.has(accountKey(item.on, item.asset))
  if (!isEntry(item)) return false
  return item.postings.some(
    ({ from, to, asset }) => busy.has(accountKey(from, asset)) || busy.has(accountKey(to, asset)),
  )
}
