import { mulDiv } from '../core/money.ts'

/**
 * What a transfer of `amount` costs its sender on top: `fee_bps` of it, rounded up to the unit above, and no less than
 * `fee_min`. Amounts in minor units of the same asset.
 */
export function transferFee(amount: bigint, { fee_bps, fee_min }: FeeTerms): bigint {
  const share = mulDiv(amount, BigInt(fee_bps), BPS, 'up')
  return share > fee_min ? share : fee_min
}

const BPS = 10_000n

export interface FeeTerms {
  fee_bps: number
  fee_min: bigint
}
