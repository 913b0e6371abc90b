/**
 * How much more can be staked for a tier until its pool can promise no more: the rewards of so much are what is
 * available. Rounded down, to the decimals that `available` has.
 */
export function roomFor({ available, apy_rate, duration_days }: RoomOptions): string {
  const [available_units, scale] = units(available)
  const [rate, rate_scale] = units(apy_rate)
  if (rate === 0n || duration_days === 0) return 'any amount'
  const room = (available_units * DAYS_OF_YEAR * 10n ** BigInt(rate_scale)) / (rate * BigInt(duration_days))
  const digits = String(room).padStart(scale + 1, '0')
  return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '')
}

/** `0.125` as `12.5 %`; a rate has four decimals at most. */
export function percentOf(rate: string): string {
  const [value, scale] = units(rate)
  const hundredths = String(value * 10n ** BigInt(RATE_SCALE - scale)).padStart(3, '0')
  return `${`${hundredths.slice(0, -2)}.${hundredths.slice(-2)}`.replace(/\.?0+$/, '')} %`
}

/** Basis points as a part of 1. */
export function asPart(bps: number): string {
  return `${Math.floor(bps / BPS_OF_ONE)}.${String(bps % BPS_OF_ONE).padStart(RATE_SCALE, '0')}`
}

interface RoomOptions {
  available: string
  /** A part of 1 for a year. */
  apy_rate: string
  duration_days: number
}

const DAYS_OF_YEAR = 365n
const RATE_SCALE = 4
const BPS_OF_ONE = 10_000

function units(decimal: string): [value: bigint, scale: number] {
  const [whole = '0', fraction = ''] = decimal.split('.')
  return [BigInt(whole + fraction), fraction.length]
}
