import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { AppError } from '../core/errors.ts'
import { readViews, splitCsv } from './views-file.ts'

const AT = { line: 2, now: new Date('2026-08-24T12:00:00Z') }
const csv = (line: string, head = 'article,date,views') => readViews(head)(line, AT)

describe('page views in a file', () => {
  test.each<[string, string, string]>([
    ['in the heading’s order', 'article,date,views', 'common/tar,2026-08-23,120'],
    ['in another order, with more columns and spaces', ' Views ,x,DATE,article\r', '120,?,2026-08-23,common/tar\r'],
    ['quoted', 'article,date,views', '"common/tar","2026-08-23","120"'],
  ])('are read from CSV %s', (_, head, line) => {
    expect(csv(line, head)).toEqual({ article: 'common/tar', day: '2026-08-23', views: 120 })
  })

  test('are read from JSON lines', () => {
    const line = '{"article":"common/tar","date":"2026-08-23","views":120}'
    expect(readViews(line)(line, AT)).toEqual({ article: 'common/tar', day: '2026-08-23', views: 120 })
  })

  test('have a heading that brings nothing, and must have one', () => {
    expect(readViews('\uFEFFarticle,date,views')('article,date,views', { ...AT, line: 1 })).toBeNull()
    for (const head of ['', 'common/tar,2026-08-23,120', 'article,date', 'article,date,views,views', '[]', null]) {
      expect(() => readViews(head)).toThrow(expect.objectContaining({ code: 'import_columns_missing' }))
    }
  })

  test.each<[string, string, string, string | undefined]>([
    ['a column less', 'common/tar,2026-08-23', 'line_not_csv', undefined],
    ['quotes that do not match', '"common/tar,2026-08-23,1', 'line_not_csv', undefined],
    ['no article', ',2026-08-23,1', 'line_invalid', 'article'],
    ['a day that there is not', 'common/tar,2026-02-30,1', 'line_invalid', 'date'],
    ['a time', 'common/tar,2026-08-23T00:00:00Z,1', 'line_invalid', 'date'],
    ['a day to come', 'common/tar,2026-08-25,1', 'line_time_out_of_range', 'date'],
    ['a sign', 'common/tar,2026-08-23,-1', 'line_invalid', 'views'],
    ['a fraction', 'common/tar,2026-08-23,1.5', 'line_invalid', 'views'],
    ['more than there can be', 'common/tar,2026-08-23,1000000000001', 'line_invalid', 'views'],
    ['nothing', 'common/tar,2026-08-23,', 'line_invalid', 'views'],
  ])('with %s are refused with the line and the field', (_, line, code, field) => {
    expect(() => csv(line)).toThrow(expect.objectContaining({ code, params: { line: 2, ...(field && { field }) } }))
  })

  test('written as CSV by anybody are read as they were', () => {
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (fields) => {
        fc.pre(fields.every((field) => !field.endsWith('\r')))
        expect(splitCsv(fields.map(quoted).join(','))).toEqual(fields)
      }),
    )
  })

  test('of whatever text are read or refused, and never break the reader', () => {
    const whole = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant('{"article":"a","views":1e400}'))
    fc.assert(
      fc.property(whole, fc.constantFrom('article,date,views', '{'), (text, head) => {
        try {
          const read = readViews(head)(text, AT)
          expect(read).toMatchObject({ article: expect.any(String), views: expect.any(Number) })
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
    )
  })
})
