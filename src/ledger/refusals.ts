import type { AccountState, Book, HoldState } from './book.ts'
import type { Rejected } from './items.ts'

export function rejected(code: string, message: string, params: Record<string, string> = {}): Rejected {
  return { status: 'rejected', code, message, params }
}

/** `fields` differ from those of the request that the key belongs to; none when it is not known which do. */
export function keyReused(fields: readonly string[]): Rejected {
  const differing = fields.length > 0 ? `, which differs in ${fields.join(', ')}` : ''
  return rejected(
    'idempotency_key_reused',
    `This key belongs to another request${differing}. Use a new key for a new request.`,
    { fields: fields.join(',') },
  )
}

export function accountNotFound(path: string, asset: string): Rejected {
  return rejected('account_not_found', `There is no account ${path} for ${asset}. Open it first.`, {
    account: path,
    asset,
  })
}

export function accountFrozen(account: AccountState): Rejected {
  return rejected('account_frozen', `${account.path} is frozen: nothing goes out of it.`, { account: account.path })
}

export function insufficientFunds(book: Book, account: AccountState, available: bigint, needed: bigint): Rejected {
  const has = book.format(available, account.asset)
  const needs = book.format(needed, account.asset)
  return rejected('insufficient_funds', `${account.path} has ${has} ${account.asset} available and needs ${needs}.`, {
    account: account.path,
    asset: account.asset,
    available: has,
    needed: needs,
  })
}

export function ceilingExceeded(book: Book, account: AccountState, amount: bigint): Rejected {
  const room = book.format(account.ceiling! - account.balance, account.asset)
  const needs = book.format(amount, account.asset)
  return rejected(
    'ceiling_exceeded',
    `${account.path} has room for ${room} ${account.asset} and would receive ${needs}.`,
    {
      account: account.path,
      asset: account.asset,
      room,
      amount: needs,
    },
  )
}

export function captureTrouble(book: Book, { id, account, amount, captured }: HoldState): Rejected {
  const held = book.format(amount, account.asset)
  const taken = book.format(captured, account.asset)
  return rejected(
    'capture_exceeds_hold',
    `The entry takes ${taken} ${account.asset} from ${account.path}. Take more than 0, and at most the ${held} of the hold.`,
    { hold: id, held, taken },
  )
}
