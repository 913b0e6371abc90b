import { randomOf } from './random.ts'

/** A wiki's history as its file has it: `count` lines from `start` on, a few minutes apart, by so many people. */
export function historyLines({ count, people, start, seed = 1, minutes = 7 }: HistoryOptions): string[] {
  const random = randomOf(seed)
  const name = () => `w${random.below(people)}`
  return Array.from({ length: count }, (_, i) => {
    const author = name()
    const coauthors = random.chance(15) ? [name(), name()].filter((other) => other !== author) : []
    return lineOf({
      commit: `c${i}`,
      at: new Date(start.getTime() + i * minutes * 60_000).toISOString().replace('.000Z', 'Z'),
      author,
      coauthors: [...new Set(coauthors)],
      reviewer: random.chance(30) ? name() : null,
      article: `common/a${random.below(40)}`,
      language: random.pick(['en', 'en', 'de', 'pt_BR']),
      change: random.pick(['create', 'edit', 'edit', 'edit', 'rename', 'delete'] as const),
      added: random.below(30),
      removed: random.below(5),
    })
  })
}

/** One line, with what a test cares about. */
export function lineOf(change: Partial<HistoryLine> & Record<string, unknown>): string {
  const plain: HistoryLine = {
    commit: 'c0',
    at: '2026-01-06T00:00:00Z',
    author: 'ada',
    coauthors: [],
    reviewer: null,
    article: 'common/tar',
    language: 'en',
    change: 'create',
    added: 20,
    removed: 0,
  }
  return JSON.stringify({ ...plain, ...change })
}

interface HistoryLine {
  commit: string
  at: string
  author: string
  coauthors: string[]
  reviewer: string | null
  article: string
  language: string
  change: 'create' | 'edit' | 'rename' | 'delete'
  added: number
  removed: number
}

interface HistoryOptions {
  count: number
  people: number
  start: Date
  seed?: number
  minutes?: number
}
