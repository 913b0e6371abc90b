import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { addWeeks, DAY_MS, dayStart, WEEK_MS, weeksBetween, weekStart } from './period.ts'

const at = (text: string) => new Date(text)
const anyTime = fc.date({ min: at('-100000-01-01T00:00:00Z'), max: at('+100000-01-01T00:00:00Z'), noInvalidDate: true })

describe('weekStart', () => {
  it.each([
    ['a Monday at 00:00 starts its own week', '2024-12-09T00:00:00.000Z', '2024-12-09T00:00:00.000Z'],
    ['the last millisecond of a Sunday is in the week before', '2024-12-08T23:59:59.999Z', '2024-12-02T00:00:00.000Z'],
    ['a Wednesday', '2024-12-11T14:20:00.000Z', '2024-12-09T00:00:00.000Z'],
    ['over a turn of the year', '2025-01-01T00:00:00.000Z', '2024-12-30T00:00:00.000Z'],
    ['over a leap day', '2024-03-01T12:00:00.000Z', '2024-02-26T00:00:00.000Z'],
    ['the epoch, a Thursday', '1970-01-01T00:00:00.000Z', '1969-12-29T00:00:00.000Z'],
    ['before 1970', '1965-06-13T23:59:59.999Z', '1965-06-07T00:00:00.000Z'],
    ['a Monday before 1970', '1965-06-14T00:00:00.000Z', '1965-06-14T00:00:00.000Z'],
    ['the first year', '0001-01-03T05:00:00.000Z', '0001-01-01T00:00:00.000Z'],
    ['a far year', '9999-12-31T23:59:59.999Z', '9999-12-27T00:00:00.000Z'],
  ])('%s', (_, time, start) => {
    expect(weekStart(at(time)).toISOString()).toBe(start)
  })

  it('is a Monday at 00:00 UTC, and its week holds the time', () => {
    fc.assert(
      fc.property(anyTime, (time) => {
        const start = weekStart(time)
        expect([start.getUTCDay(), start.getTime() - dayStart(start).getTime()]).toEqual([1, 0])
        expect(start <= time && time < addWeeks(start, 1)).toBe(true)
        expect(weekStart(start)).toEqual(start)
      }),
    )
  })
})

describe('dayStart', () => {
  it.each([
    ['2024-12-09T00:00:00.000Z', '2024-12-09T00:00:00.000Z'],
    ['2024-12-09T23:59:59.999Z', '2024-12-09T00:00:00.000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T00:00:00.000Z'],
  ])('of %s is %s', (time, start) => {
    expect(dayStart(at(time)).toISOString()).toBe(start)
  })

  it('agrees with the calendar', () => {
    fc.assert(
      fc.property(anyTime, (time) => {
        const midnight = new Date(time)
        midnight.setUTCHours(0, 0, 0, 0)
        expect(dayStart(time)).toEqual(midnight)
      }),
    )
  })
})

describe('addWeeks and weeksBetween', () => {
  it('moves by whole weeks, in UTC, whatever summer time does elsewhere', () => {
    expect(addWeeks(at('2024-03-25T00:00:00Z'), 1)).toEqual(at('2024-04-01T00:00:00Z'))
    expect(addWeeks(at('1970-01-01T00:00:00Z'), -1)).toEqual(at('1969-12-25T00:00:00Z'))
  })

  it('counts the weeks from one to the other by the weeks that hold them', () => {
    expect(weeksBetween(at('2014-03-04T12:28:29Z'), at('2026-08-22T00:00:00Z'))).toBe(650)
    expect(weeksBetween(at('2024-12-08T23:59:59Z'), at('2024-12-09T00:00:00Z'))).toBe(1)
    expect(weeksBetween(at('2024-12-09T00:00:00Z'), at('2024-12-15T23:59:59Z'))).toBe(0)
    expect(weeksBetween(at('1970-01-05T00:00:00Z'), at('1969-12-29T00:00:00Z'))).toBe(-1)
  })

  it('undo each other', () => {
    fc.assert(
      fc.property(anyTime, fc.integer({ min: -100_000, max: 100_000 }), (time, weeks) => {
        expect(weeksBetween(time, addWeeks(time, weeks))).toBe(weeks)
      }),
    )
  })

  it('refuses what is no time, no whole week, or beyond all times', () => {
    expect(() => weekStart(new Date(Number.NaN))).toThrow('no time')
    expect(() => addWeeks(at('2024-12-09T00:00:00Z'), 0.5)).toThrow('whole')
    expect(() => addWeeks(at('2024-12-09T00:00:00Z'), 1e9)).toThrow('beyond')
    expect(() => weekStart(new Date(-8.64e15))).toThrow('beyond')
  })

  it('counts days and weeks in milliseconds', () => {
    expect([DAY_MS, WEEK_MS]).toEqual([24 * 60 * 60 * 1_000, 7 * DAY_MS])
  })
})
