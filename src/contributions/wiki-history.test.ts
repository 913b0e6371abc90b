import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { addWeeks, weeksBetween, weekStart } from '../core/period.ts'
import { shareBasePoints } from './points-rules.ts'
import { type CreatedPages, interpretChange, MAX_LINE_CHARACTERS, readLine, type WikiChange } from './wiki-history.ts'

const now = new Date('2026-08-24T00:00:00Z')
const example = {
  commit: 'f00bf64426a7',
  at: '2014-03-04T12:28:29Z',
  author: 'ann',
  coauthors: ['ben'],
  reviewer: 'cem',
  article: 'common/tar',
  language: 'en',
  change: 'create',
  added: 24,
  removed: 0,
}

const read = (fields: object) => readLine(JSON.stringify({ ...example, ...fields }), { line: 12, now })
const change = (fields: Partial<WikiChange>): WikiChange => ({ ...read({}), coauthors: [], reviewer: null, ...fields })
const pages = (): CreatedPages => {
  const seen = new Set<string>()
  return {
    create(article, language) {
      const before = seen.size
      return seen.add(`${language} ${article}`).size > before
    },
  }
}

const reviewerOf = (fields: Partial<WikiChange>) => interpretChange(change(fields), pages()).reviewer

describe('readLine', () => {
  it('reads a change', () => {
    expect(read({})).toEqual({ ...example, at: new Date('2014-03-04T12:28:29Z') })
    expect(read({ reviewer: null, coauthors: [], language: 'pt_BR', article: 'common/größe 大小' })).toMatchObject({
      reviewer: null,
      article: 'common/größe 大小',
    })
  })

  it.each([
    ['commit', { commit: undefined }],
    ['author', { author: '' }],
    ['author', { author: 7 }],
    ['author', { author: 'a'.repeat(65) }],
    ['author', { author: 'a\u0000' }],
    ['author', { author: 'a\ud800' }],
    ['author', { author: ' ann' }],
    ['author', { author: 'ann ' }],
    ['coauthors', { coauthors: null }],
    ['coauthors', { coauthors: ['ben', null] }],
    ['coauthors', { coauthors: Array.from({ length: 101 }, (_, i) => `p${i}`) }],
    ['reviewer', { reviewer: undefined }],
    ['reviewer', { reviewer: '' }],
    ['article', { article: 'x'.repeat(301) }],
    ['article', { article: 'a\nb' }],
    ['language', { language: 'e' }],
    ['language', { language: 'en-' }],
    ['language', { language: '../en' }],
    ['language', { language: `en${'-abcdefgh'.repeat(4)}` }],
    ['change', { change: 'Edit' }],
    ['change', { change: 'merge' }],
    ['added', { added: -1 }],
    ['added', { added: 1_000_001 }],
    ['added', { added: 1.5 }],
    ['added', { added: '3' }],
    ['removed', { removed: 1e300 }],
    ['removed', { removed: null }],
    ['at', { at: '2014-03-04' }],
    ['at', { at: '2014-02-30T00:00:00Z' }],
    ['at', { at: '2014-03-04T12:28:29+01:00' }],
    ['at', { at: 1_393_936_109_000 }],
    ['reviwer', { reviwer: 'cem' }],
  ])('refuses %s where it is %j, with line and field', (field, fields) => {
    expect(() => read(fields)).toThrow(
      expect.objectContaining({ code: 'line_invalid', status: 422, params: { line: 12, field } }),
    )
    expect(() => read(fields)).toThrow(`Line 12, field ${field}: `)
  })

  it.each(['', '{', 'null', '[]', '"text"', '7', '{"a":1} {"b":2}', `${JSON.stringify(example)},`])(
    'refuses %j, which is not a JSON object',
    (text) => {
      expect(() => readLine(text, { line: 3, now })).toThrow(
        expect.objectContaining({ code: 'line_not_json', params: { line: 3 } }),
      )
    },
  )

  it('refuses a line that is too long before it reads it', () => {
    expect(() => readLine('x'.repeat(MAX_LINE_CHARACTERS + 1), { line: 4, now })).toThrow(
      expect.objectContaining({ code: 'line_too_long', params: { line: 4 } }),
    )
  })

  it('refuses the future, but for five minutes, and what is older than wikis', () => {
    const code = 'line_time_out_of_range'
    const params = { line: 12, field: 'at' }
    expect(read({ at: '2026-08-24T00:05:00Z' }).at).toEqual(new Date('2026-08-24T00:05:00Z'))
    expect(() => read({ at: '2026-08-24T00:05:00.001Z' })).toThrow(expect.objectContaining({ code, params }))
    expect(() => read({ at: '1989-12-31T23:59:59Z' })).toThrow(expect.objectContaining({ code, params }))
  })
})

describe('interpretChange', () => {
  it.each([
    ['a creation of an English page', { change: 'create', language: 'en' }, 'creation'],
    ['a translation of a page in another language', { change: 'create', language: 'pt_BR' }, 'translation'],
    ['a major edit from 10 lines on', { change: 'edit', added: 6, removed: 4 }, 'major_edit'],
    ['a minor edit below 10 lines', { change: 'edit', added: 9, removed: 0 }, 'minor_edit'],
    ['a minor edit where a page was renamed, however much changed', { change: 'rename', added: 90 }, 'minor_edit'],
    ['nothing where a page was deleted', { change: 'delete', removed: 90 }, null],
  ] as const)('brings %s', (_, fields, type) => {
    expect(interpretChange(change(fields), pages())).toEqual({ type, people: type ? ['ann'] : [], reviewer: null })
  })

  it('takes the creation of what was created before for an edit, in each language for itself', () => {
    const seen = pages()
    const type = (fields: Partial<WikiChange>) => interpretChange(change({ change: 'create', ...fields }), seen).type
    expect(type({ language: 'en' })).toBe('creation')
    expect(type({ language: 'de' })).toBe('translation')
    expect(type({ change: 'delete' })).toBeNull()
    expect(type({ language: 'en', added: 24 })).toBe('major_edit')
    expect(type({ language: 'en', added: 3 })).toBe('minor_edit')
    expect(type({ language: 'de', added: 3 })).toBe('minor_edit')
    expect(type({ article: 'common/zip' })).toBe('creation')
  })

  it('takes only a creation for one: what was edited or renamed first can still be created', () => {
    const seen = pages()
    for (const before of ['edit', 'rename', 'delete'] as const) interpretChange(change({ change: before }), seen)
    expect(interpretChange(change({ change: 'create' }), seen).type).toBe('creation')
  })

  it('credits the author first, then the others, each once', () => {
    const made = change({ coauthors: ['zoe', 'ann', 'ben', 'zoe'] })
    expect(interpretChange(made, pages()).people).toEqual(['ann', 'zoe', 'ben'])
  })

  it('credits a reviewer who is not one of them, of a deletion too', () => {
    expect(reviewerOf({ reviewer: 'cem' })).toBe('cem')
    expect(reviewerOf({ reviewer: 'ann' })).toBeNull()
    expect(reviewerOf({ reviewer: 'ben', coauthors: ['ben'] })).toBeNull()
    expect(reviewerOf({ reviewer: 'cem', change: 'delete' })).toBe('cem')
    expect(reviewerOf({ reviewer: 'ann', change: 'delete' })).toBeNull()
  })
})

describe('the real history', () => {
  it('is read to its last line, and brings what a count by other means says', async () => {
    const count = {
      lines: 0,
      points: 0n,
      people: new Set<string>(),
      weeks: new Set<number>(),
      types: new Map<string, number>(),
    }
    const seen = pages()
    const bring = (type: keyof typeof basePoints, people: readonly string[], week: number) => {
      count.types.set(type, (count.types.get(type) ?? 0) + people.length)
      count.weeks.add(week)
      for (const [place, part] of shareBasePoints(basePoints[type], people.length).entries()) {
        count.people.add(people[place]!)
        count.points += part
      }
    }

    for await (const text of linesOf('examples/wiki-history/wiki-history.jsonl.gz')) {
      count.lines += 1
      const next = readLine(text, { line: count.lines, now })
      const { type, people, reviewer } = interpretChange(next, seen)
      const week = weekStart(next.at).getTime()
      if (type !== null) bring(type, people, week)
      if (reviewer !== null) bring('review', [reviewer], week)
    }

    expect(count.lines).toBe(115_645)
    expect(Object.fromEntries(count.types)).toEqual({
      creation: 11_431,
      major_edit: 9_220,
      minor_edit: 73_346,
      review: 8_977,
      translation: 42_801,
    })
    expect(count.people.size).toBe(3_377)
    expect(count.points).toBe(5_053_195n)
    const [first, last] = [new Date(Math.min(...count.weeks)), new Date(Math.max(...count.weeks))]
    expect([first.toISOString(), addWeeks(last, 1)]).toEqual(['2014-03-03T00:00:00.000Z', now])
    expect([count.weeks.size, weeksBetween(first, last) + 1]).toEqual([614, 651])
  })
})

const basePoints = { creation: 100n, major_edit: 50n, minor_edit: 20n, review: 10n, translation: 75n }

function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Infinity })
}
