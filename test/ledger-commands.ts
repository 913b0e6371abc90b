import type { EntryItem, HoldItem, Item, PostingItem, VoidItem } from '../src/ledger/items.ts'
import { keyOf, type Model } from './ledger-model.ts'
import type { Random } from './random.ts'

/*
 * Random requests, close enough to each other to collide: few accounts, small amounts, holds and keys that come again,
 * times on both sides of now and of the closing date.
 */

/** Up to `most` items. Those with keys are added to `used`, to come again later. */
export function randomItems(random: Random, model: Model, used: Item[], most: number): Item[] {
  const items = Array.from({ length: 1 + random.below(most) }, () => {
    if (used.length > 0 && random.chance(12)) return again(random, used)
    return withExtras(random, randomItem(random, model, used))
  })
  for (const item of items) if (item.key !== undefined) used.push(item)
  used.splice(0, Math.max(0, used.length - KEYS_REMEMBERED))
  return items
}

function randomPath(random: Random, model: Model): string {
  if (random.chance(1)) return 'users:nobody:available'
  const keys = [...model.accounts].flatMap(([key, { status }]) => (status === 'closed' ? [] : [key]))
  return random.pick(random.chance(97) ? keys : [...model.accounts.keys()]).split(' ')[0]!
}

/** Without a floor: what all of the others have came from here. */
export const SOURCE = 'world:cash'

const KEYS_REMEMBERED = 40
const HOUR_MS = 3_600_000
const ASSETS = ['TOK', 'TOK', 'TOK', 'GEM']

function randomItem(random: Random, model: Model, used: readonly Item[]): Item {
  const what = random.below(100)
  if (what < 72) return randomEntry(random, model)
  return what < 88 ? randomHold(random, model, used) : { void: randomHoldId(random, model) }
}

function randomEntry(random: Random, model: Model): EntryItem {
  const captures = random.chance(18) ? randomHoldId(random, model) : undefined
  const held = captures === undefined ? undefined : model.holds.get(captures)
  const postings = Array.from({ length: 1 + random.below(random.chance(80) ? 2 : 5) }, (_, i) => {
    const posting = randomPosting(random, model)
    if (!held || (i > 0 && random.chance(50))) return posting
    const [from = '', asset = ''] = held.account.split(' ')
    return { ...posting, from, asset }
  })
  return {
    kind: random.pick(['transfer', 'transfer', 'gift', 'fee']),
    postings,
    ...(captures !== undefined && { captures }),
    ...(random.chance(15) && { effectiveAt: randomTime(random, model.now) }),
    ...(random.chance(20) && { metadata: { order: random.below(3), of: [random.below(2)] } }),
  }
}

function randomPosting(random: Random, model: Model): PostingItem {
  const from = random.chance(15) ? SOURCE : randomPath(random, model)
  const others = [1, 2, 3].map(() => randomPath(random, model))
  const to = others.find((path) => path !== from) ?? from
  const ends = { from, to: random.chance(2) ? from : to, asset: randomAsset(random) }
  return random.chance(25) ? { ...ends, upTo: randomAmount(random) } : { ...ends, amount: randomAmount(random) }
}

function randomHold(random: Random, model: Model, used: readonly Item[]): HoldItem {
  const taken = used.findLast((item) => 'reserve' in item && item.id !== undefined) as HoldItem | undefined
  return {
    reserve: randomAmount(random),
    on: randomPath(random, model),
    asset: randomAsset(random),
    id: taken?.id !== undefined && random.chance(5) ? taken.id : random.uuid(),
    ...(random.chance(40) && { expiresAt: new Date(model.now.getTime() + random.below(6 * HOUR_MS) - HOUR_MS / 6) }),
    ...(random.chance(20) && { otherwise: 'reward_not_funded' }),
  }
}

function withExtras(random: Random, item: Item): Item {
  return {
    ...item,
    ...(random.chance(30) && { key: random.uuid() }),
    ...(random.chance(10) && { linked: true }),
    ...(random.chance(15) && { reference: `order ${random.below(3)}` }),
  }
}

/** A request of before: as it was, but for what makes no difference; or another one with its key. */
function again(random: Random, used: readonly Item[]): Item {
  const item = random.pick(used)
  if (random.chance(30)) return otherwise(random, item)
  if ('reserve' in item) return { ...item, id: random.uuid() }
  if (!('postings' in item) || !item.metadata) return item
  return { ...item, metadata: Object.fromEntries(Object.entries(item.metadata).toReversed()) }
}

function otherwise(random: Random, item: Item): Item {
  const key = item.key ?? random.uuid()
  if ('postings' in item) return { ...item, key, kind: `${item.kind}_` }
  if ('reserve' in item) return { ...item, key, reserve: item.reserve + 1n, id: random.uuid() }
  const other: VoidItem = { ...item, key, void: random.uuid() }
  return other
}

function randomHoldId(random: Random, model: Model): string {
  if (model.holds.size === 0 || random.chance(5)) return random.uuid()
  const pending = [...model.holds].filter(([, { status }]) => status === 'pending')
  if (pending.length > 0 && random.chance(90)) return random.pick(pending)[0]
  return random.pick([...model.holds.keys()])
}

function randomTime(random: Random, now: Date): Date {
  if (random.chance(10)) return new Date(now.getTime() + 1)
  return new Date(now.getTime() - (random.chance(10) ? 0 : random.below(240 * HOUR_MS)))
}

function randomAsset(random: Random): string {
  return random.chance(1) ? 'NIL' : random.pick(ASSETS)
}

function randomAmount(random: Random): bigint {
  return BigInt(random.chance(3) ? 0 : 1 + random.below(random.chance(80) ? 15 : 80))
}

/** The accounts of the model, as pairs of path and asset. */
export function accountsOf(model: Model): { path: string; asset: string; key: string }[] {
  return [...model.accounts.keys()].map((key) => {
    const [path = '', asset = ''] = key.split(' ')
    return { path, asset, key: keyOf(path, asset) }
  })
}
