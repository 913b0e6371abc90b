const WEEK_MS = 7 * 86_400_000

/** Until when to look: some weeks on from the last that was distributed, and never into the future. */
export function throughOf({ last_end, weeks, now }: ThroughOptions): string {
  const end = last_end === undefined ? now : new Date(new Date(last_end).getTime() + weeks * WEEK_MS)
  return (end < now ? end : now).toISOString()
}

interface ThroughOptions {
  /** The end of the last week that was distributed; undefined: none was. */
  last_end: string | undefined
  weeks: number
  now: Date
}
