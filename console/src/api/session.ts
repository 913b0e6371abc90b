/**
 * A key that was typed in is kept for this tab alone, and only until it is closed. Whoever signed in with a password
 * has a cookie that no script can read, and nothing is kept here.
 */
export function keyFor(economy: string): string | undefined {
  return sessionStorage.getItem(named(economy)) ?? undefined
}

export function keepKey(economy: string, key: string): void {
  sessionStorage.setItem(named(economy), key)
}

export function dropKey(economy: string): void {
  sessionStorage.removeItem(named(economy))
}

const named = (economy: string) => `florin.key.${economy}`
