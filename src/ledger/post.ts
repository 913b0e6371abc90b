import type { Tx } from '../core/db.ts'
import { AppError, Conflict, Unavailable } from '../core/errors.ts'
import type { Keyed } from './book.ts'
import { checkItems } from './check-items.ts'
import { evaluate } from './evaluate.ts'
import { fingerprintOf, type Item, keyId, type Rejected, type Result } from './items.ts'
import { readBook } from './read-book.ts'
import { isKeyClaimed, writeBook } from './write-book.ts'

/**
 * Posts `items` inside the transaction of a module: all of them, or none and the first refusal is thrown. Call it last
 * in the transaction and once, so that locks are always taken in the same order: the module's rows, then the ledger's
 * accounts in the order of their ids.
 * Fails: the codes of `checkItems`, then those of `evaluate`; idempotency_key_in_flight when a key is just being claimed
 * elsewhere.
 */
export async function post(tx: Tx, items: readonly Item[], options: PostOptions): Promise<Result[]> {
  const results = await postEach(tx, items, options)
  for (const result of results) {
    if (result.status === 'rejected') throw refusalError(result)
  }
  return results
}

/** Like `post`, but each item (or linked chain) is accepted or refused for itself. */
export async function postEach(tx: Tx, items: readonly Item[], options: PostOptions): Promise<Result[]> {
  const keyed = withKeys(items, options)
  const { book } = await readBook(tx, keyed, { now: options.now })
  const results = evaluate(book, keyed)
  if (options.dryRun) return results
  try {
    await writeBook(tx, book)
  } catch (error) {
    if (isKeyClaimed(error)) throw keyInFlight()
    throw error
  }
  return results
}

function keyInFlight(): AppError {
  return new Conflict('idempotency_key_in_flight', 'A request with this key is under way. Ask again with the same key.')
}

/** Checks a caller's items and resolves their keys. Fails: the codes of `checkItems`. */
export function withKeys(items: readonly Item[], { actor, principal }: { actor: string; principal?: string }): Keyed[] {
  checkItems(items)
  return items.map((item) => {
    if (item.key === undefined) return { item, actor }
    return { item, actor, key: { id: keyId(principal ?? actor, item.key), fingerprint: fingerprintOf(item) } }
  })
}

/** A refusal as an error to throw: 404 for what is not there, 409 for how things stand, 422 for what can never be. */
export function refusalError({ code, message, params }: Rejected): AppError {
  if (code.endsWith('_not_found')) return new AppError(404, code, message, params)
  if (code === 'account_busy') return new Unavailable(code, message, params)
  return new AppError(NEVER_RIGHT.has(code) ? 422 : 409, code, message, params)
}

const NEVER_RIGHT = new Set([
  'amount_zero',
  'same_account',
  'linked_chain_open',
  'effective_in_future',
  'expires_in_past',
  'capture_exceeds_hold',
  'idempotency_key_reused',
])

export interface PostOptions {
  /** Who does it, as it stands in the entry. */
  actor: string
  /** Whose keys the items' keys are; the actor's own unless said. */
  principal?: string
  /** The time to record; the database's own unless said. */
  now?: Date
  /** Evaluate and answer, but write nothing and use up no key. */
  dryRun?: boolean
}
