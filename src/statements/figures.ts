/**
 * An amount for columns: all of the asset's decimals, so that the points stand below each other, and commas between
 * thousands. `figure(-1234500n, 3)` is `−1,234.500`.
 */
export function figure(amount: bigint, scale: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale).replaceAll(/\B(?=(\d{3})+$)/g, ',')
  const fraction = scale === 0 ? '' : `.${digits.slice(-scale)}`
  return `${amount < 0n ? '−' : ''}${whole}${fraction}`
}

/** The same with a plus before what came in. */
export function signedFigure(amount: bigint, scale: number): string {
  return amount > 0n ? `+${figure(amount, scale)}` : figure(amount, scale)
}

/** A day in UTC, such as `2026-08-24`. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 'YYYY-MM-DD'.length)
}
