import { z } from 'zod'

import type { LoggedPosting } from './encode.ts'

export const plainText = z.string().refine((value) => value.isWellFormed())

export const version = z.string().regex(/^[1-9][0-9]{0,18}$/)
export const balance = z.string().regex(/^(0|-?[1-9][0-9]{0,37})$/)

/** A posting in a file: amounts and balances are whole minor units, of which `scale` says the decimals. */
export const postingShape = {
  from: plainText,
  to: plainText,
  asset: plainText,
  scale: z.int().min(0).max(255),
  amount: z.string().regex(/^[1-9][0-9]{0,37}$/),
  from_version: version,
  from_balance: balance,
  to_version: version,
  to_balance: balance,
}

export function postingToJson(posting: LoggedPosting): PostingJson {
  const { from, to, asset, scale } = posting
  return {
    from,
    to,
    asset,
    scale,
    amount: posting.amount.toString(),
    from_version: posting.fromVersion.toString(),
    from_balance: posting.fromBalance.toString(),
    to_version: posting.toVersion.toString(),
    to_balance: posting.toBalance.toString(),
  }
}

export function postingFromJson({ from, to, asset, scale, ...figures }: PostingJson): LoggedPosting {
  return {
    from,
    to,
    asset,
    scale,
    amount: BigInt(figures.amount),
    fromVersion: BigInt(figures.from_version),
    fromBalance: BigInt(figures.from_balance),
    toVersion: BigInt(figures.to_version),
    toBalance: BigInt(figures.to_balance),
  }
}

type PostingJson = z.infer<z.ZodObject<typeof postingShape>>
