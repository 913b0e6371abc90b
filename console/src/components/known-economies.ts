const KEPT_AS = 'florin.economies'
const KEPT_MAX = 8

/** The names of economies that were opened in this browser, the last first. */
export function knownEconomies(): string[] {
  return (localStorage.getItem(KEPT_AS) ?? '').split(',').filter((name) => name !== '')
}

export function rememberEconomy(economy: string): void {
  const names = [economy, ...knownEconomies().filter((name) => name !== economy)]
  localStorage.setItem(KEPT_AS, names.slice(0, KEPT_MAX).join(','))
}
