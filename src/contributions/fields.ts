import { z } from 'zod'

import { formatDecimal } from '../core/decimal.ts'
import { zTime } from '../core/http.ts'
import { endOfWeek, startOfWeek } from './weeks.ts'

/*
 * How the fields of contributions look outside. Points and counts are whole JSON numbers; multipliers and amounts are
 * decimal texts, exact; a week is named by when it starts.
 */

// Lone surrogates have no UTF-8: PostgreSQL would be given something else than was sent.
const ONE_LINE = /^(?!\s)[^\p{Cc}\p{Cs}]+(?<!\s)$/u

/** A name of a person or an article: one line, without a space at either end. */
export function zName(length_max: number) {
  return z
    .string()
    .min(1)
    .max(length_max)
    .regex(ONE_LINE, 'Write it on one line, without control characters and without a space at either end.')
}

/** Characters of a description or a comment. */
export const PROSE_MAX = 2_000

export const zUsername = zName(100)
export const zArticleName = zName(300)

/** A multiplier that is handed in: `"2.5"`, or the JSON number 2.5, read as it is written. */
export const zGivenDecimal = z.union([z.string().max(20), z.number()]).meta({ examples: ['2.5'] })

export const zDecimal = z.string().meta({ description: 'A decimal text, exact.', examples: ['2.5'] })
export const zPoints = z.int().min(0)
export const zCount = z.int().min(0)

export const zWeek = { week_start: zTime, week_end: zTime.meta({ description: 'The first moment after the week.' }) }

export function weekFields(week: string): { week_start: Date; week_end: Date } {
  return { week_start: startOfWeek(week), week_end: endOfWeek(week) }
}

export function decimal(value: number | bigint, digits: number): string {
  return formatDecimal(value, digits)
}
