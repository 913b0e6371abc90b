import type { EntryItem, HoldItem, Item, PostedPosting, Result } from './items.ts'

/** An item with its key resolved. */
export interface Keyed {
  item: Item
  key?: { id: string; fingerprint: string }
  actor: string
}

/** What the evaluation knows, and what it leaves to be written. */
export interface Book {
  now: Date
  closedBefore: Date | null
  /** Of the entries that are to be reversed, those that were before. */
  reversed: ReadonlySet<bigint>
  accounts: Map<string, AccountState>
  holds: Map<string, HoldState>
  /** Keys used before. */
  keys: Map<string, KnownKey>
  ids: bigint[]
  idsUsed: number
  scaleOf(asset: string): number | undefined
  format(amount: bigint, asset: string): string
  newHoldId(): string
  written: WrittenEntry[]
  closedHolds: Set<HoldState>
  claims: { id: string; fingerprint: string; item: Item; result: Result }[]
}

/** What a key was answered, and of the request that it belongs to as much as is still known. */
export interface KnownKey {
  fingerprint: string
  result: Result
  request(): Partial<Record<string, string>>
}

export interface AccountState {
  id: bigint
  path: string
  asset: string
  balance: bigint
  reserved: bigint
  floor: bigint | null
  ceiling: bigint | null
  version: bigint
  status: 'open' | 'frozen' | 'closed'
  /** As it was read: what has changed since must be written. */
  stored: { version: bigint; reserved: bigint }
}

export interface HoldState {
  id: string
  account: AccountState
  amount: bigint
  captured: bigint
  status: 'pending' | 'captured' | 'voided' | 'expired'
  expiresAt: Date | null
  entry?: bigint
  /** Set when the hold is new. */
  created?: { item: HoldItem; keyed: Keyed }
}

export interface WrittenEntry {
  entry: bigint
  item: EntryItem
  keyed: Keyed
  effectiveAt: Date
  postings: WrittenPosting[]
}

export interface WrittenPosting extends PostedPosting {
  from: AccountState
  to: AccountState
  fromVersion: bigint
  toVersion: bigint
}

/** numeric(38, 0) holds this and no more. */
export const BALANCE_MAX = 10n ** 38n - 1n

/** What an account may still give: its balance less what is reserved and what must stay; null without a floor. */
export function availableOf(account: Pick<AccountState, 'balance' | 'reserved' | 'floor'>): bigint | null {
  return account.floor === null ? null : account.balance - account.reserved - account.floor
}

/** The key of an account in a book. */
export function accountKey(path: string, asset: string): string {
  return `${path} ${asset}`
}
