import { assert } from './assert.ts'
import { formatDecimal, MAX_DIGITS, readScaled, toSafeInteger } from './decimal.ts'
import { Invalid } from './errors.ts'

/**
 * The minor units that a decimal text from outside means: `parseAmount('12.5', 2)` is 1250n. Digits and at most one
 * point: no sign, exponent, grouping, space or leading zero. No more decimals than the asset's `scale`, where zeros at
 * the end do not count, since they say nothing; at most 38 digits of minor units.
 * Fails: amount_invalid.
 */
export function parseAmount(text: string, scale: number): bigint {
  const amount = readScaled(text, scale)
  if (amount === null) throw amountInvalid(scale)
  return amount
}

/**
 * The canonical text of an amount, the only one that Florin writes: the shortest. No zeros at the end, no point without
 * a decimal behind it, `0` for nothing, `-` before what is below zero. `formatAmount(1250n, 2)` is `12.5`.
 */
export function formatAmount(amount: bigint, scale: number): string {
  return formatDecimal(amount, scale)
}

/**
 * `a × b / divisor` without losing anything in between, then rounded once: `down` to the unit below, `up` to the unit
 * above, `half_up` to the nearer one with a half going up. For operands that are not negative, so that a direction has
 * one meaning only.
 */
export function mulDiv(a: bigint, b: bigint, divisor: bigint, rounding: Rounding): bigint {
  assert(a >= 0n && b >= 0n, 'mulDiv is for operands that are not negative.')
  assert(divisor > 0n, 'mulDiv divides by more than zero.')
  const product = a * b
  if (rounding === 'down') return product / divisor
  if (rounding === 'up') return (product + divisor - 1n) / divisor
  return (2n * product + divisor) / (2n * divisor)
}

/**
 * Shares `total` in proportion to `weights`; the shares sum to `total` exactly. Each is its exact part rounded down,
 * and the units that are then left go one each to the largest remainders (Hamilton's method), of equal ones to the
 * first by `tieOrder`, which compares the indexes of two weights; unless said, the earlier in the list. So every share
 * is within one unit of its exact part, and a weight of zero gets nothing. Where all weights are zero, only nothing
 * can be shared.
 */
export function splitByLargestRemainder(
  total: bigint,
  weights: readonly bigint[],
  tieOrder: TieOrder = (a, b) => a - b,
): bigint[] {
  assert(total >= 0n, 'A negative total cannot be shared.')
  const sum = sumOf(weights)
  if (total === 0n) return weights.map(() => 0n)
  assert(sum > 0n, 'There is something to share, and nobody has a weight.')

  const shares: bigint[] = []
  const remainders: bigint[] = []
  let left = total
  for (const weight of weights) {
    const product = total * weight
    const share = product / sum
    shares.push(share)
    remainders.push(product - share * sum)
    left -= share
  }
  // Each remainder is below `sum` and they add up to `left × sum`, so at least `left` of them are above zero.
  for (const index of largest(remainders, toSafeInteger(left), sum, tieOrder)) shares[index] = shares[index]! + 1n
  return shares
}

export type Rounding = 'down' | 'up' | 'half_up'

export type TieOrder = (a: number, b: number) => number

function amountInvalid(scale: number): Error {
  const decimals = scale === 0 ? 'without decimals' : `with at most ${scale} decimals`
  const example = scale === 0 ? '12' : '12.5'
  const message = `Write the amount as a number such as ${example}, ${decimals}, no sign and at most ${MAX_DIGITS} digits.`
  return new Invalid('amount_invalid', message, { scale })
}

function sumOf(weights: readonly bigint[]): bigint {
  let sum = 0n
  for (const weight of weights) {
    assert(weight >= 0n, 'A weight cannot be negative.')
    sum += weight
  }
  return sum
}

/**
 * The indexes of the `count` largest of `values`, all of which are below `limit`, of equal ones the first by
 * `tieOrder`. Sorting 100,000 bigints by a comparison takes 100 ms, so their leading 64 bits are sorted natively (a
 * tenth of that), which says who is surely in; only those that share the leading bits of the last one in are compared
 * in full.
 */
function largest(values: readonly bigint[], count: number, limit: bigint, tieOrder: TieOrder): number[] {
  if (count === 0) return []
  const shift = BigInt(Math.max(0, limit.toString(16).length * 4 - 64))
  const leading = BigUint64Array.from(values, (value) => value >> shift).toSorted()
  const last = leading[values.length - count]!
  const [least, above] = [last << shift, (last + 1n) << shift]

  const chosen: number[] = []
  const contested: number[] = []
  for (const [index, value] of values.entries()) {
    if (value >= above) chosen.push(index)
    else if (value >= least) contested.push(index)
  }
  contested.sort((a, b) => descending(values[a]!, values[b]!) || tieOrder(a, b))
  return chosen.concat(contested.slice(0, count - chosen.length))
}

function descending(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a > b ? -1 : 1
}
