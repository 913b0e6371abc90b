/**
 * A key that was typed in is kept for this tab alone, and only until it is closed. Whoever signed in with a password
 * has a cookie that no script can read, and nothing is kept here. Staff who read as somebody do it with a key of its
 * own, which goes before theirs until they end it.
 */
export function keyFor(economy: string): string | undefined {
  return readingAs(economy)?.key ?? ownKey(economy)
}

export function keepKey(economy: string, key: string): void {
  sessionStorage.setItem(named(economy), key)
}

export function dropKey(economy: string): void {
  sessionStorage.removeItem(named(economy))
  sessionStorage.removeItem(reading(economy))
}

/** What staff began: the key that reads, and by which id it is ended. */
export interface Reading {
  id: string
  key: string
}

export function beginReadingAs(economy: string, { id, key }: Reading): void {
  sessionStorage.setItem(reading(economy), JSON.stringify({ id, key } satisfies Reading))
}

export function readingAs(economy: string): Reading | undefined {
  const kept = sessionStorage.getItem(reading(economy))
  return kept === null ? undefined : (JSON.parse(kept) as Reading)
}

/** From here on this tab is its own again. */
export function stopReadingAs(economy: string): void {
  sessionStorage.removeItem(reading(economy))
}

function ownKey(economy: string): string | undefined {
  return sessionStorage.getItem(named(economy)) ?? undefined
}

const named = (economy: string) => `florin.key.${economy}`
const reading = (economy: string) => `florin.reading.${economy}`
