import { assert } from './assert.ts'
import { Invalid } from './errors.ts'

/** Digits of any scaled number, both sides of the point together: what a `numeric(38,0)` column holds. */
export const MAX_DIGITS = 38

/** More text than the longest number needs, with room for zeros at its end. */
const MAX_TEXT = 100

const DECIMAL = /^(0|[1-9]\d*)(?:\.(\d+))?$/

/**
 * A multiplier or score as a whole number of its smallest steps: `parseDecimal('2.5', 2)` is 250, to be kept in a
 * `…_e2`. Exact: no sign, no exponent, no more decimals than `digits` (zeros at the end do not count). A JSON number is
 * read as it is written, so 0.1 + 0.2 is refused rather than rounded.
 * Fails: decimal_invalid.
 */
export function parseDecimal(value: string | number, digits: number): number {
  const steps = readScaled(String(value), digits)
  if (steps === null || steps > Number.MAX_SAFE_INTEGER) {
    throw new Invalid(
      'decimal_invalid',
      `Write a number such as 1.5, without a sign and with at most ${digits} decimals.`,
    )
  }
  return toSafeInteger(steps)
}

/**
 * The shortest text of `value` steps of 10^-digits: no zeros at the end, no point without a decimal behind it, `0` for
 * nothing. `formatDecimal(250, 2)` is `2.5`.
 */
export function formatDecimal(value: number | bigint, digits: number): string {
  assertScale(digits)
  const steps = BigInt(value)
  const text = (steps < 0n ? -steps : steps).toString().padStart(digits + 1, '0')
  const point = text.length - digits
  const fraction = text.slice(point).replace(/0+$/, '')
  return (steps < 0n ? '-' : '') + text.slice(0, point) + (fraction === '' ? '' : `.${fraction}`)
}

/**
 * The steps of 10^-scale that `text` says, or null where it is no decimal number, or needs more decimals or digits than
 * there are. The grammar is JSON's without sign and exponent: no leading zeros, digits on both sides of a point.
 */
export function readScaled(text: string, scale: number): bigint | null {
  assertScale(scale)
  if (text.length > MAX_TEXT) return null
  const match = DECIMAL.exec(text)
  if (match === null) return null
  const fraction = (match[2] ?? '').replace(/0+$/, '')
  if (fraction.length > scale) return null
  const steps = BigInt(match[1] + fraction.padEnd(scale, '0'))
  return steps < 10n ** BigInt(MAX_DIGITS) ? steps : null
}

/** `numerator / divisor` of whole, non-negative numbers, exactly, and a half goes up. */
export function divideHalfUp(numerator: number, divisor: number): number {
  assert(Number.isSafeInteger(numerator) && numerator >= 0, 'The numerator is a whole, non-negative number.')
  assert(Number.isSafeInteger(divisor) && divisor > 0, 'The divisor is a whole, positive number.')
  const rest = numerator % divisor
  return (numerator - rest) / divisor + (rest >= divisor - rest ? 1 : 0)
}

/** The same whole number as a `number`. For counts, ranks and scaled multipliers: an amount of money stays a bigint. */
export function toSafeInteger(value: bigint): number {
  const number = Number(value)
  assert(Number.isSafeInteger(number), `${value} is too large for a count.`)
  return number
}

function assertScale(digits: number): void {
  assert(
    Number.isInteger(digits) && digits >= 0 && digits <= MAX_DIGITS,
    `A scale is 0 to ${MAX_DIGITS}, not ${digits}.`,
  )
}
