export type Theme = 'light' | 'dark'

/** Takes the theme that was chosen here before, else the system's, and follows the system until one is chosen. */
export function startTheme(): void {
  show(chosen() ?? system())
  DARK.addEventListener('change', () => show(chosen() ?? system()))
}

export function currentTheme(): Theme {
  return document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light'
}

/** Charts are drawn on a canvas, which no style sheet reaches: they listen for this. */
export const THEME_CHANGED = 'florin-theme'

export function switchTheme(): void {
  const next = currentTheme() === 'dark' ? 'light' : 'dark'
  localStorage.setItem(KEPT_AS, next)
  show(next)
}

const KEPT_AS = 'florin.theme'
const DARK = matchMedia('(prefers-color-scheme: dark)')

function system(): Theme {
  return DARK.matches ? 'dark' : 'light'
}

function chosen(): Theme | undefined {
  const kept = localStorage.getItem(KEPT_AS)
  return kept === 'dark' || kept === 'light' ? kept : undefined
}

function show(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme
  dispatchEvent(new Event(THEME_CHANGED))
}
