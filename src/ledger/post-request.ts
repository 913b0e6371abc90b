import type { Actor } from '../core/actor.ts'
import { assert } from '../core/assert.ts'
import type { Db, Tx } from '../core/db.ts'
import { BadRequest } from '../core/errors.ts'
import { type Scales, scalesOf } from './asset-scales.ts'
import type { Beside } from './batcher.ts'
import type { Chart } from './chart.ts'
import { checkItems } from './check-items.ts'
import { chainEnd, LINKED_FAILED } from './evaluate.ts'
import type { EntryItem, Item, Metadata, PostingItem, Rejected, Result } from './items.ts'
import { postEach, refusalError } from './post.ts'
import { rejected } from './refusals.ts'
import { readAmount } from './request-schemas.ts'
import type { LedgerScope } from './scope.ts'

/**
 * Posts the entries of a request; each, or each linked chain, is accepted or refused for itself. These refusals come before
 * the books are asked, and no key remembers them: kind_owned_by_module, asset_not_found, account_owned_by_module.
 * Fails, and posts nothing: idempotency_key_required, amount_invalid, then as `Batcher.submit`.
 */
export async function postEntries(scope: LedgerScope, request: PostRequest): Promise<PostAnswer> {
  const { entries } = request
  const scales = await scalesOf(scope.db, assetsOf(entries))
  const items = entries.map((entry, i) => itemOf(entry, i, { scales, key: keyOf(entry, i, request) }))
  const refusals = refusalsOf(items, { scales, chart: scope.chart })
  if (!refusals) return { results: await submitItems(scope, items, request), scales }

  // What is wrong with a request is named by the entry's place, so it is looked for before some are left out.
  checkItems(items)
  const left = items.filter((_, i) => !refusals[i])
  const results = await submitItems(scope, left, request)
  return { results: refusals.map((refusal) => refusal ?? results.shift()!), scales }
}

/** Posts through the batcher, or says what would be. Fails: as `Batcher.submit`. */
export async function submitItems(
  { db, batcher }: LedgerScope,
  items: readonly Item[],
  { dry_run, now, actor: { id: actor, principal }, beside }: SubmitRequest,
): Promise<Result[]> {
  if (items.length === 0) return []
  if (!dry_run) return await batcher.submit(items, { actor, principal, ...(beside && { beside }) })
  return await rolledBack(db, async (tx) => await postEach(tx, items, { actor, principal, now, dryRun: true }))
}

/**
 * Posts the one item of a request under the request's key; a refusal is thrown.
 * Fails: idempotency_key_required, then as `Batcher.submit`, then the codes of `evaluate`.
 */
export async function submitOne(
  scope: LedgerScope,
  item: Item,
  { key, dry_run, setHeader, ...request }: OneRequest,
): Promise<Exclude<Result, Rejected>> {
  if (key === undefined && !dry_run) throw keyRequired('Send a header Idempotency-Key', 'idempotency-key')
  const [result] = await submitItems(scope, [{ ...item, ...(key !== undefined && { key }) }], { dry_run, ...request })
  assert(result, 'An item has a result')
  if (result.replayed) setHeader('idempotency-replayed', 'true')
  if (result.status === 'rejected') throw refusalError(result)
  return result
}

/** `beside`: a row written in the same transaction if all of it is accepted. */
export interface SubmitRequest extends Pick<PostRequest, 'dry_run' | 'now' | 'actor'> {
  beside?: Beside
}

export interface OneRequest extends SubmitRequest {
  key: string | undefined
  setHeader: (name: string, value: string) => void
}

export interface PostAnswer {
  results: Result[]
  scales: Scales
}

/** Amounts are decimal strings still. */
export interface EntryRequest {
  kind: string
  postings: PostingRequest[]
  linked?: boolean | undefined
  effective_at?: Date | undefined
  reference?: string | undefined
  metadata?: Metadata | undefined
  key?: string | undefined
  captures?: string | undefined
}

export interface PostingRequest {
  from: string
  to: string
  asset: string
  amount?: string | undefined
  up_to?: string | undefined
}

export interface PostRequest {
  entries: readonly EntryRequest[]
  /** The request's own: an entry without a key gets one made of this and its place. */
  key: string | undefined
  /** Answers as if, and writes nothing; needs no keys. */
  dry_run: boolean
  actor: Actor
  now: Date
}

/** Nothing is written, but accounts are locked for a moment: undoing that costs no write to disk, committing it does. */
export async function rolledBack<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  const tx = await db.startTransaction().execute()
  try {
    return await work(tx)
  } finally {
    await tx.rollback().execute()
  }
}

/** No key that a caller can give has a space in it. */
function keyOf(entry: EntryRequest, i: number, { key, dry_run }: PostRequest): string | undefined {
  if (entry.key !== undefined) return entry.key
  if (key !== undefined) return `${key} ${i}`
  if (dry_run) return undefined
  throw keyRequired(`Give entries[${i}] a key of its own, or send a header Idempotency-Key`, `entries[${i}].key`)
}

function keyRequired(what: string, field: string): Error {
  return new BadRequest('idempotency_key_required', `${what}, so that repeating this request is safe.`, { field })
}

function itemOf(
  { effective_at: effectiveAt, captures, linked, ...entry }: EntryRequest,
  i: number,
  { scales, key }: { scales: Scales; key: string | undefined },
): EntryItem {
  const { kind, reference, metadata } = entry
  return {
    kind,
    postings: entry.postings.map((posting, no) => postingOf(posting, scales, `entries[${i}].postings[${no}]`)),
    ...(effectiveAt && { effectiveAt }),
    ...(reference !== undefined && { reference }),
    ...(metadata && { metadata }),
    ...(captures !== undefined && { captures }),
    ...(linked && { linked }),
    ...(key !== undefined && { key }),
  }
}

function postingOf({ from, to, asset, amount, up_to }: PostingRequest, scales: Scales, at: string): PostingItem {
  // Of an unknown asset no amount can be read, nor is one needed: the entry is refused.
  const scale = scales.get(asset)
  if (amount !== undefined) return { from, to, asset, amount: amountOf(amount, scale, `${at}.amount`) }
  return { from, to, asset, upTo: amountOf(up_to ?? '', scale, `${at}.up_to`) }
}

function amountOf(text: string, scale: number | undefined, field: string): bigint {
  return scale === undefined ? 0n : readAmount(text, scale, field)
}

function assetsOf(entries: readonly EntryRequest[]): string[] {
  return entries.flatMap(({ postings }) => postings.map(({ asset }) => asset))
}

/** Undefined when there are none. A refused entry takes its linked siblings with it. */
function refusalsOf(items: readonly EntryItem[], known: Known): (Rejected | undefined)[] | undefined {
  const refusals = items.map((item) => refusalOf(item, known))
  if (refusals.every((refusal) => !refusal)) return undefined
  const links = items.map((item) => ({ item }))
  for (let start = 0; start < items.length;) {
    const end = chainEnd(links, start)
    if (refusals.slice(start, end).some(Boolean)) {
      for (let i = start; i < end; i++) refusals[i] ??= LINKED_FAILED
    }
    start = end
  }
  return refusals
}

function refusalOf({ kind, postings }: EntryItem, { scales, chart }: Known): Rejected | undefined {
  const ofKind = chart.kindRefusal(kind)
  if (ofKind) return ofKind
  for (const { from, to, asset } of postings) {
    if (!scales.has(asset)) return rejected('asset_not_found', `There is no asset ${asset}.`, { asset })
    const refusal = chart.moduleRefusal(from) ?? chart.moduleRefusal(to)
    if (refusal) return refusal
  }
  return undefined
}

interface Known {
  scales: Scales
  chart: Chart
}
