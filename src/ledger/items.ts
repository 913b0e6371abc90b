import { hash } from 'node:crypto'

import canonicalize from 'canonicalize'

/**
 * What the ledger is asked to do: an entry, a hold, or the release of a hold. Items are evaluated in order; each is
 * accepted or refused as a whole. `linked` binds an item to the next one: the chain stands or falls together.
 */
export type Item = EntryItem | HoldItem | VoidItem

/** Moves value; all of its postings or none. */
export interface EntryItem extends ItemCommon {
  kind: string
  postings: PostingItem[]
  /** When it took effect, if earlier than now. */
  effectiveAt?: Date
  metadata?: Metadata
  /** A pending hold that this entry draws on: it is released whole, and the postings leave the account it was on. */
  captures?: string
  /** The entry that this one undoes. */
  reverses?: bigint
  /**
   * What the caller asked for, where the postings follow from it and from figures that may change, such as a fee: a
   * repetition is known by this and not by the postings, so it is answered as before although the fee is another now.
   */
  asked?: string
}

/** `amount`, or as much as is there and fits, but no more than `upTo`. */
export type PostingItem = { from: string; to: string; asset: string } & (
  | { amount: bigint; upTo?: never }
  | { upTo: bigint; amount?: never }
)

/** Sets `reserve` aside on an account until it is captured, voided or expires. */
export interface HoldItem extends ItemCommon {
  reserve: bigint
  on: string
  asset: string
  expiresAt?: Date
  /** The id that the hold shall have. */
  id?: string
  /** The code to refuse with when there is too little, instead of insufficient_funds. */
  otherwise?: string
}

/** Gives a hold's amount back to its account. */
export interface VoidItem extends ItemCommon {
  void: string
}

export interface ItemCommon {
  reference?: string
  /** Makes a repetition of this item answer as the first did, for ever. */
  key?: string
  linked?: boolean
}

export type Metadata = Record<string, unknown>

export type Result = Posted | Held | Voided | Rejected

export interface Posted {
  status: 'posted'
  entry: bigint
  recordedAt: Date
  effectiveAt: Date
  postings: PostedPosting[]
  replayed?: boolean
}

/** One posting as it was carried out, with the balances after it. */
export interface PostedPosting {
  amount: bigint
  fromBalance: bigint
  toBalance: bigint
}

export interface Held {
  status: 'held'
  hold: string
  replayed?: boolean
}

export interface Voided {
  status: 'voided'
  hold: string
  replayed?: boolean
}

export interface Rejected {
  status: 'rejected'
  code: string
  message: string
  params: Record<string, string>
  replayed?: boolean
}

export function isEntry(item: Item): item is EntryItem {
  return 'postings' in item
}

export function isHold(item: Item): item is HoldItem {
  return 'reserve' in item
}

/** The hold that an item is about, if it names one. */
export function holdOf(item: Item): string | undefined {
  if (isEntry(item)) return item.captures
  return isHold(item) ? item.id : item.void
}

/** Where a key is kept: 16 bytes that nobody else's key shares. */
export function keyId(principal: string, key: string): string {
  return uuidOf(hash('sha256', `${principal}\0${key}`))
}

/**
 * The same for the same request, whatever the order of its metadata's members. The key goes into it, which nobody but
 * its caller knows: without it no guess of metadata that has been erased can be tested against what is kept here.
 */
export function fingerprintOf(item: Item): string {
  return uuidOf(hash('sha256', `${item.key}\0${JSON.stringify(requestOf(item))}`))
}

/** An item as texts, to say which fields of two requests differ. */
export function requestOf(item: Item): Record<string, string> {
  const common = { reference: item.reference ?? '', linked: item.linked ? 'true' : '' }
  if (isEntry(item)) {
    return {
      ...common,
      kind: item.kind,
      ...(item.asked === undefined ? { postings: item.postings.map(postingText).join(' ') } : { asked: item.asked }),
      effective_at: item.effectiveAt?.toISOString() ?? '',
      metadata: (item.metadata && canonicalize(item.metadata)) ?? '',
      captures: item.captures ?? '',
      reverses: item.reverses === undefined ? '' : `${item.reverses}`,
    }
  }
  if (isHold(item)) {
    return {
      ...common,
      reserve: `${item.reserve} ${item.asset} ${item.on}`,
      expires_at: item.expiresAt?.toISOString() ?? '',
    }
  }
  return { ...common, void: item.void }
}

/**
 * The fields in which a request differs from the one `before` it, as far as that is known. An entry's own record tells
 * what was moved, not up to what: postings that ask for `up_to` are compared with a record only if it says the same.
 */
export function differingFields(before: Partial<Record<string, string>>, request: Record<string, string>): string[] {
  return Object.entries(request).flatMap(([name, text]) => {
    const was = before[name]
    const unknown = was === undefined || (name === 'postings' && text.includes(UP_TO) && !was.includes(UP_TO))
    return unknown || was === text ? [] : [name]
  })
}

const UP_TO = ' up_to '

function postingText(posting: PostingItem): string {
  const amount = posting.amount === undefined ? `up_to ${posting.upTo}` : `${posting.amount}`
  return `${posting.from}>${posting.to} ${amount} ${posting.asset};`
}

/** The first 16 bytes of a digest in hex. */
function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
