import { must } from '../core/assert.ts'
import { serialUuid } from '../core/id.ts'
import { defaultFloor } from './chart.ts'
import {
  type AccountBalance,
  dayOf,
  type JournalAsset,
  type JournalDialect,
  onOneLine,
  plainFigure,
} from './journal-dialect.ts'

/*
 * The journal as beancount reads it, versions 2 and 3: https://beancount.github.io/docs/beancount_language_syntax.html
 */

/** `bean-check` passes what this writes; balances are asserted to the last unit. */
export function beancountDialect(assets: readonly JournalAsset[]): JournalDialect {
  const commodities = commoditiesOf(assets.map(({ code }) => code))
  const amountText = (amount: bigint, { asset, scale }: AssetUnit) =>
    `${plainFigure(amount, scale)} ${must(commodities.get(asset), 'Every asset has a commodity')}`
  const side = (path: string, amount: bigint, of: AssetUnit) => `  ${accountName(path)}  ${amountText(amount, of)}\n`
  return {
    head: (first) => {
      const directives = assets.map(({ code }) => {
        return `${dayOf(first)} commodity ${commodities.get(code)}\n  code: ${quoted(code)}\n`
      })
      return `option "title" "Florin"\n\n${directives.join('')}\n${dayOf(first)} open ${OPENING}\n`
    },
    accounts: (accounts, first) =>
      accounts.map(({ path }) => `${dayOf(first)} open ${accountName(path)}\n  path: ${quoted(path)}\n`).join(''),
    entry: ({ id, logged: { effectiveAt, recordedAt, kind, reference, postings } }) => {
      const head = `\n${dayOf(effectiveAt)} * ${quoted(kind)} ${quoted(reference ?? '')}\n`
      const metadata = `  seq: ${id}\n  id: ${quoted(serialUuid(id, recordedAt))}\n`
      const sides = postings.map(({ from, to, amount, ...of }) => side(from, -amount, of) + side(to, amount, of))
      return head + metadata + sides.join('')
    },
    opening: (balances, date) => {
      const sides = balances
        .filter(({ balance }) => balance !== 0n)
        .map((of) => side(of.path, of.balance, of) + `  ${OPENING}  ${amountText(-of.balance, of)}\n`)
      return sides.length === 0 ? '' : `\n${dayOf(date)} * "balances brought forward"\n${sides.join('')}`
    },
    // A balance holds at the beginning of its day, so it bears the day after.
    assertion: (balances, date) => {
      const day = dayOf(new Date(date.getTime() + DAY_MS))
      return `\n${balances.map((of) => assertionText(day, of, amountText(of.balance, of))).join('')}`
    },
  }
}

/**
 * `users:a_b.c:available` is `Assets:Users:AUbDc:Available`. What is held is an asset; what it came from, so what was issued
 * or came in from outside, is equity. Paths have no upper case, so it can stand for what beancount's names cannot have:
 * `U` within a segment is an underscore and `D` a dot. So no two accounts share a name.
 */
export function accountName(path: string): string {
  const segments = path.split(':').map((segment) => {
    const rest = segment.slice(1).replaceAll('_', 'U').replaceAll('.', 'D')
    return segment.charAt(0).toUpperCase() + rest
  })
  const root = path.startsWith('issuance:') || defaultFloor(path) === null ? 'Equity' : 'Assets'
  return [root, ...segments].join(':')
}

/**
 * A commodity has 2 to 24 of A–Z, 0–9 and ' . _ -, a letter first and a letter or digit last. Assets are only ever added,
 * so in the order of their ids each keeps its name.
 */
export function commoditiesOf(codes: readonly string[]): Map<string, string> {
  const names = new Map<string, string>()
  const taken = new Set(['TRUE', 'FALSE', 'NULL'])
  for (const code of codes) {
    const plain = code
      .toUpperCase()
      .replaceAll(':', '-')
      .slice(0, COMMODITY_LENGTH_MAX)
      .replace(/[._-]+$/, '')
    const base = plain.length < 2 ? `${plain}X` : plain
    let name = base
    for (let no = 2; taken.has(name); no++) name = `${base.slice(0, COMMODITY_LENGTH_MAX - 4)}-${no}`
    taken.add(name)
    names.set(code, name)
  }
  return names
}

/** The other side of balances brought forward; what it gets sums to zero. */
const OPENING = 'Equity:Opening:Balances'
const DAY_MS = 86_400_000
const COMMODITY_LENGTH_MAX = 24
/** beancount counts with so many significant digits, and rounds what has more without a word. */
const DIGITS_EXACT = 10n ** 28n

function assertionText(day: string, { path, balance }: AccountBalance, amount: string): string {
  const [figure, commodity] = amount.split(' ')
  const text = `${day} balance ${accountName(path)}  ${figure} ~ 0 ${commodity}\n`
  if (balance < DIGITS_EXACT && balance > -DIGITS_EXACT) return text
  return `; beyond the 28 digits of beancount: ${text}`
}

function quoted(text: string): string {
  return `"${onOneLine(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

interface AssetUnit {
  asset: string
  scale: number
}
