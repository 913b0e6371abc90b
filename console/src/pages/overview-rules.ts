import { grouped } from '../ui/format.ts'

/** How many whole weeks the treasury pays the pool as it is now; rounded down, in whole minor units. */
export function runwayOf({ treasury, weekly_pool }: { treasury: { available: string }; weekly_pool: string }): string {
  const scale = Math.max(decimals(treasury.available), decimals(weekly_pool))
  const pool = units(weekly_pool, scale)
  if (pool <= 0n) return 'the weekly pool is zero'
  const weeks = units(treasury.available, scale) / pool
  if (weeks < 1n) return 'less than one week: fund the rewards'
  return `pays ${grouped(String(weeks))} whole ${weeks === 1n ? 'week' : 'weeks'} at the present pool`
}

function decimals(decimal: string): number {
  return decimal.split('.')[1]?.length ?? 0
}

function units(decimal: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}
