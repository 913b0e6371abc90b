/** `1234567.5` with its thousands apart; digit for digit what the ledger says, never rounded. */
export function grouped(decimal: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(decimal) ?? []
  if (whole === '') return decimal
  return `${sign === '-' ? '−' : ''}${whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')}${fraction}`
}

/** A part of 1 as a percentage, exactly: `0.125` is 12.5 %. */
export function percentOf(part: string): string {
  const [whole = '', fraction = ''] = part.split('.')
  const digits = `${whole}${fraction.padEnd(2, '0')}`
  const at = whole.length + 2
  const rest = digits.slice(at).replace(/0+$/, '')
  return `${digits.slice(0, at).replace(/^0+(?=\d)/, '')}${rest && `.${rest}`} %`
}

/** For charts and shares alone, where a pixel is less than the difference. */
export function approximate(decimal: string): number {
  return Number.parseFloat(decimal)
}

export function dayOf(time: string): string {
  return DAY.format(new Date(time))
}

export function momentOf(time: string): string {
  return `${MOMENT.format(new Date(time))} UTC`
}

/** `1 day`, `7 days`. */
export function counted(count: number, thing: string): string {
  return `${grouped(String(count))} ${thing}${count === 1 ? '' : 's'}`
}

/** A week as people say it: its Monday and its Sunday. The end is the Monday after, which is not in it any more. */
export function weekOf({ week_start, week_end }: { week_start: string; week_end: string }): string {
  const last = new Date(new Date(week_end).getTime() - 1)
  return DAY.formatRange(new Date(week_start), last)
}

/** `contribution.recorded` and `major_edit` as words. */
export function words(code: string): string {
  const text = code.replaceAll(/[_.]/g, ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
const MOMENT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'UTC',
})
