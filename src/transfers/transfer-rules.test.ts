import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { transferFee } from './transfer-rules.ts'

describe('the fee of a transfer', () => {
  test.each<[amount: bigint, fee_bps: number, fee_min: bigint, fee: bigint]>([
    [100n, 0, 0n, 0n],
    [10_000n, 25, 0n, 25n],
    [10_001n, 25, 0n, 26n],
    [1n, 1, 0n, 1n],
    [10_000n, 25, 30n, 30n],
    [20_000n, 25, 30n, 50n],
    [5n, 0, 3n, 3n],
  ])('of %d at %d bp and at least %d is %d', (amount, fee_bps, fee_min, fee) => {
    expect(transferFee(amount, { fee_bps, fee_min })).toBe(fee)
  })

  test('is never below its exact part nor a unit above it, and never less in two transfers than in one', () => {
    const amounts = fc.bigInt({ min: 1n, max: 10n ** 30n })
    fc.assert(
      fc.property(amounts, amounts, fc.integer({ min: 0, max: 1_000 }), (first, second, fee_bps) => {
        const terms = { fee_bps, fee_min: 0n }
        const fee = transferFee(first, terms)
        expect(fee * 10_000n).toBeGreaterThanOrEqual(first * BigInt(fee_bps))
        expect((fee - 1n) * 10_000n).toBeLessThan(first * BigInt(fee_bps))
        expect(fee + transferFee(second, terms)).toBeGreaterThanOrEqual(transferFee(first + second, terms))
      }),
    )
  })
})
