import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { formatAmount, mulDiv, parseAmount, splitByLargestRemainder } from './money.ts'

const amount = fc.bigInt({ min: 0n, max: 10n ** 38n - 1n })
const factor = fc.bigInt({ min: 0n, max: 10n ** 30n })

describe('parseAmount', () => {
  it.each([
    ['12.5', 2, 1_250n],
    ['12.50', 2, 1_250n],
    ['12.5000', 2, 1_250n],
    ['0', 9, 0n],
    ['0.00', 0, 0n],
    ['7', 0, 7n],
    ['0.000000001', 9, 1n],
    ['100000000', 9, 100_000_000_000_000_000n],
    ['99999999999999999999999999999.999999999', 9, 10n ** 38n - 1n],
  ])('reads %s at scale %i as %i minor units', (text, scale, expected) => {
    expect(parseAmount(text, scale)).toBe(expected)
  })

  it.each([
    ['a sign', '-1'],
    ['a leading plus', '+1'],
    ['an exponent', '1e3'],
    ['grouping', '1,000'],
    ['a decimal comma', '1,5'],
    ['an underscore', '1_000'],
    ['a space', ' 1'],
    ['a line end', '1\n'],
    ['too many decimals', '1.2345678901'],
    ['a bare point', '.'],
    ['no digit before the point', '.5'],
    ['no digit after the point', '5.'],
    ['two points', '1.2.3'],
    ['leading zeros', '007'],
    ['nothing', ''],
    ['a word', 'NaN'],
    ['hexadecimal', '0x1f'],
    ['digits of another script', '١٢'],
    ['more than 38 digits', '100000000000000000000000000000'],
    ['a very long text', '9'.repeat(1_000_000)],
  ])('refuses %s', (_, text) => {
    expect(() => parseAmount(text, 9)).toThrow(
      expect.objectContaining({ code: 'amount_invalid', status: 422, params: { scale: 9 } }),
    )
  })

  it('says how to write it', () => {
    expect(() => parseAmount('1.234', 2)).toThrow('a number such as 12.5, with at most 2 decimals, no sign')
    expect(() => parseAmount('1.5', 0)).toThrow('a number such as 12, without decimals')
  })

  it('reads back whatever formatAmount writes', () => {
    fc.assert(
      fc.property(amount, fc.nat(38), (value, scale) => {
        expect(parseAmount(formatAmount(value, scale), scale)).toBe(value)
      }),
    )
  })
})

describe('formatAmount', () => {
  it.each([
    [1_250n, 2, '12.5'],
    [1_200n, 2, '12'],
    [0n, 9, '0'],
    [1n, 9, '0.000000001'],
    [-1n, 9, '-0.000000001'],
    [-1_250n, 2, '-12.5'],
    [1_000n, 0, '1000'],
    [10n ** 37n, 38, '0.1'],
  ])('writes %i minor units at scale %i as %s', (value, scale, text) => {
    expect(formatAmount(value, scale)).toBe(text)
  })
})

describe('mulDiv', () => {
  it.each([
    [7n, 1n, 2n, { down: 3n, half_up: 4n, up: 4n }],
    [10n, 1n, 3n, { down: 3n, half_up: 3n, up: 4n }],
    [11n, 1n, 3n, { down: 3n, half_up: 4n, up: 4n }],
    [6n, 2n, 3n, { down: 4n, half_up: 4n, up: 4n }],
    [0n, 9n, 3n, { down: 0n, half_up: 0n, up: 0n }],
  ])('rounds %i × %i / %i in the direction it was told', (a, b, divisor, expected) => {
    expect(mulDiv(a, b, divisor, 'down')).toBe(expected.down)
    expect(mulDiv(a, b, divisor, 'half_up')).toBe(expected.half_up)
    expect(mulDiv(a, b, divisor, 'up')).toBe(expected.up)
  })

  it('is never off by a unit or more, and each direction keeps its side', () => {
    fc.assert(
      fc.property(factor, factor, fc.bigInt({ min: 1n, max: 10n ** 30n }), (a, b, divisor) => {
        const exact = a * b
        const [down, half, up] = [
          mulDiv(a, b, divisor, 'down') * divisor,
          mulDiv(a, b, divisor, 'half_up') * divisor,
          mulDiv(a, b, divisor, 'up') * divisor,
        ]
        expect(down <= exact && exact < down + divisor).toBe(true)
        expect(up >= exact && exact > up - divisor).toBe(true)
        expect(2n * half > 2n * exact - divisor && 2n * half <= 2n * exact + divisor).toBe(true)
      }),
    )
  })

  it('is for operands that are not negative', () => {
    expect(() => mulDiv(-1n, 1n, 1n, 'down')).toThrow('not negative')
    expect(() => mulDiv(1n, -1n, 1n, 'down')).toThrow('not negative')
    expect(() => mulDiv(1n, 1n, 0n, 'down')).toThrow('more than zero')
    expect(() => mulDiv(1n, 1n, -1n, 'down')).toThrow('more than zero')
  })
})

describe('splitByLargestRemainder', () => {
  it.each([
    ['evenly', 9n, [1n, 1n, 1n], [3n, 3n, 3n]],
    ['the odd units to the first of equals', 11n, [1n, 1n, 1n], [4n, 4n, 3n]],
    ['in proportion', 6n, [1n, 3n], [2n, 4n]],
    ['to the larger remainder first', 10n, [1n, 2n, 3n], [2n, 3n, 5n]],
    ['nothing to a weight of zero', 2n, [0n, 1n, 1n, 1n, 0n], [0n, 1n, 1n, 0n, 0n]],
    ['nothing of nothing', 0n, [0n, 0n], [0n, 0n]],
    ['nothing to nobody', 0n, [], []],
    ['all to the only one', 7n, [5n], [7n]],
  ])('shares %s', (_, total, weights, shares) => {
    expect(splitByLargestRemainder(total, weights)).toEqual(shares)
  })

  it('breaks ties, and nothing else, by the order it is told', () => {
    expect(splitByLargestRemainder(11n, [1n, 1n, 1n], laterFirst)).toEqual([3n, 4n, 4n])
    expect(splitByLargestRemainder(10n, [1n, 2n, 3n], laterFirst)).toEqual([2n, 3n, 5n])
    const wide = [2n ** 80n, 2n ** 80n + 1n, 2n ** 80n]
    expect(splitByLargestRemainder(2n, wide, laterFirst)).toEqual([0n, 1n, 1n])
  })

  it('does not share what there is among nobody', () => {
    expect(() => splitByLargestRemainder(1n, [])).toThrow('nobody has a weight')
    expect(() => splitByLargestRemainder(1n, [0n, 0n])).toThrow('nobody has a weight')
    expect(() => splitByLargestRemainder(1n, [2n, -1n])).toThrow('cannot be negative')
    expect(() => splitByLargestRemainder(-1n, [1n])).toThrow('negative total')
  })

  // Small weights tie often; weights beyond 64 bits differ below the bits that are sorted first.
  const weights = fc.oneof(
    fc.array(fc.bigInt({ min: 0n, max: 5n }), { maxLength: 30 }),
    fc.array(fc.bigInt({ min: 0n, max: 10n ** 25n }), { maxLength: 30 }),
    fc.array(fc.bigInt({ min: 2n ** 70n, max: 2n ** 70n + 3n }), { maxLength: 30 }),
  )

  it('equals one unit at a time to the largest remainder', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 6n }), weights, (total, given) => {
        fc.pre(given.some((weight) => weight > 0n))
        expect(splitByLargestRemainder(total, given)).toEqual(splitUnitByUnit(total, given))
      }),
      { numRuns: 2_000 },
    )
  })

  it('sums exactly, stays within a unit of the exact part, and never gives less for more', () => {
    fc.assert(
      fc.property(amount, weights, (total, given) => {
        fc.pre(given.some((weight) => weight > 0n))
        const sum = given.reduce((a, b) => a + b, 0n)
        const shares = splitByLargestRemainder(total, given)
        expect(shares.reduce((a, b) => a + b, 0n)).toBe(total)
        for (const [i, share] of shares.entries()) {
          const exact = total * given[i]!
          expect(share * sum > exact - sum && share * sum < exact + sum).toBe(true)
          for (const [j, other] of shares.entries()) if (given[i]! > given[j]!) expect(share >= other).toBe(true)
        }
      }),
    )
  })

  it('shares among 100,000 in a time that does not grow with their square', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => BigInt((i * 7_919) % 1_000_003) + 1n)
    const start = performance.now()
    const shares = splitByLargestRemainder(10n ** 15n, many)
    expect(performance.now() - start).toBeLessThan(10_000)
    expect(shares.reduce((a, b) => a + b, 0n)).toBe(10n ** 15n)
  })
})

const laterFirst = (a: number, b: number) => b - a

/** The same by its definition: floors, then unit after unit to who has the largest remainder and has not had one. */
function splitUnitByUnit(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n)
  const shares = weights.map((weight) => (total * weight) / sum)
  const remainders = weights.map((weight) => (total * weight) % sum)
  while (shares.reduce((a, b) => a + b, 0n) < total) {
    let best = 0
    for (const [index, remainder] of remainders.entries()) if (remainder > remainders[best]!) best = index
    shares[best] = shares[best]! + 1n
    remainders[best] = -1n
  }
  return shares
}
