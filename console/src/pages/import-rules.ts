/** How many lines a second were read between two looks at an import; undefined: it has not moved between them. */
export function linesPerSecond(earlier: Look, later: Look): number | undefined {
  const passed_ms = new Date(later.updated_at).getTime() - new Date(earlier.updated_at).getTime()
  const lines = later.lines - earlier.lines
  return passed_ms > 0 && lines > 0 ? Math.round((lines * 1_000) / passed_ms) : undefined
}

/** Whether nobody reads it any more, though its end was not reached: a batch of lines takes far less than this. */
export function hasStopped({ updated_at }: Pick<Look, 'updated_at'>, now: Date): boolean {
  return now.getTime() - new Date(updated_at).getTime() > STOPPED_MS
}

const STOPPED_MS = 60_000

interface Look {
  lines: number
  updated_at: string
}
