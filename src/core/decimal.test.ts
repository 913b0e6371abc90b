import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { divideHalfUp, formatDecimal, parseDecimal, readScaled, toSafeInteger } from './decimal.ts'

describe('parseDecimal', () => {
  it.each([
    ['2.5', 2, 250],
    ['1', 2, 100],
    ['0', 4, 0],
    ['0.0001', 4, 1],
    ['1.2000', 2, 120],
    ['1.500000', 1, 15],
    [1.8, 2, 180],
    [3, 2, 300],
    [0.8, 4, 8_000],
  ])('reads %j with %i digits as %i steps', (value, digits, steps) => {
    expect(parseDecimal(value, digits)).toBe(steps)
  })

  it.each([
    ['1.005', 2],
    [0.1 + 0.2, 2],
    ['-1', 2],
    [-0.5, 2],
    ['+1', 2],
    ['1e2', 2],
    [1e21, 2],
    [1e-7, 4],
    ['', 2],
    ['.5', 2],
    ['5.', 2],
    ['01', 2],
    [' 1', 2],
    ['1\n', 2],
    ['1,5', 2],
    ['0x10', 2],
    ['Infinity', 2],
    [Number.NaN, 2],
    ['90071992547409.92', 2],
  ])('refuses %j with %i digits', (value, digits) => {
    expect(() => parseDecimal(value, digits)).toThrow(expect.objectContaining({ code: 'decimal_invalid', status: 422 }))
  })

  it('reads back what formatDecimal writes', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(12), (steps, digits) => {
        expect(parseDecimal(formatDecimal(steps, digits), digits)).toBe(steps)
      }),
    )
  })
})

describe('formatDecimal', () => {
  it.each([
    [250, 2, '2.5'],
    [100, 2, '1'],
    [1, 4, '0.0001'],
    [0, 4, '0'],
    [12_000, 4, '1.2'],
    [1_000, 0, '1000'],
    [-5, 2, '-0.05'],
    [-100n, 2, '-1'],
  ])('writes %s steps with %i digits as %s', (steps, digits, text) => {
    expect(formatDecimal(steps, digits)).toBe(text)
  })
})

describe('readScaled', () => {
  it('reads up to 38 digits and no more', () => {
    expect(readScaled('9'.repeat(38), 0)).toBe(10n ** 38n - 1n)
    expect(readScaled(`1${'0'.repeat(38)}`, 0)).toBeNull()
    expect(readScaled(`1${'0'.repeat(29)}`, 9)).toBeNull()
  })

  it('reads no text that is longer than any number needs', () => {
    expect(readScaled(`1.${'0'.repeat(98)}`, 2)).toBe(100n)
    expect(readScaled(`1.${'0'.repeat(99)}`, 2)).toBeNull()
  })

  it('takes no scale but a whole one from 0 to 38', () => {
    for (const scale of [-1, 39, 1.5, Number.NaN]) expect(() => readScaled('1', scale)).toThrow('A scale is')
  })
})

describe('divideHalfUp', () => {
  it.each([
    [5, 2, 3],
    [4, 3, 1],
    [0, 7, 0],
    [1, 2, 1],
    [2, 5, 0],
    [Number.MAX_SAFE_INTEGER, 2, (Number.MAX_SAFE_INTEGER + 1) / 2],
  ])('rounds %i / %i to %i', (numerator, divisor, expected) => {
    expect(divideHalfUp(numerator, divisor)).toBe(expected)
  })

  it('agrees with whole-number arithmetic at any size', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (numerator, divisor) => {
        const [n, d] = [BigInt(numerator), BigInt(divisor)]
        expect(BigInt(divideHalfUp(numerator, divisor))).toBe((2n * n + d) / (2n * d))
      }),
    )
  })

  it.each([
    [-1, 2],
    [1, 0],
    [1, -2],
    [1.5, 2],
    [2 ** 53, 2],
  ])('does not divide %d by %d', (numerator, divisor) => {
    expect(() => divideHalfUp(numerator, divisor)).toThrow(/whole/)
  })
})

describe('toSafeInteger', () => {
  it('refuses what a number cannot hold exactly', () => {
    expect(toSafeInteger(BigInt(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER)
    expect(() => toSafeInteger(2n ** 53n)).toThrow('too large')
  })
})
