import { z } from 'zod'

import { toSafeInteger } from '../core/decimal.ts'
import { Invalid } from '../core/errors.ts'
import { zArticleName } from './fields.ts'
import type { LineReader } from './import-format.ts'

/*
 * Page views in a file: how often an article was looked at on a day of UTC. CSV with a heading that names the columns
 * `article`, `date` and `views` in any order, or JSON lines with these fields.
 */

/** What the lines after `first` say. Fails: import_columns_missing, when it is neither JSON nor such a heading. */
export function readViews(first: string | null): LineReader<ViewsOfDay> {
  const head = (first ?? '').replace(/^\uFEFF/, '')
  if (head.trimStart().startsWith('{')) {
    return (text, at) => viewsOf(fieldsOfJson(checkLength(text, at.line), at.line), at)
  }
  const columns = splitCsv(head)?.map((column) => column.trim().toLowerCase()) ?? []
  if (!COLUMNS.every((name) => columns.filter((column) => column === name).length === 1)) {
    throw new Invalid(
      'import_columns_missing',
      'The file begins neither with a heading that names article, date and views, nor with a JSON object.',
    )
  }
  return (text, at) => (at.line === 1 ? null : viewsOf(fieldsOfCsv(checkLength(text, at.line), at.line, columns), at))
}

export interface ViewsOfDay {
  /** What the wiki calls the article. */
  article: string
  /** `2026-08-24`. */
  day: string
  views: number
}

export const VIEWS_LINE_CHARACTERS = 4_096
export const VIEWS_MAX = 1_000_000_000_000
const EARLIEST_DAY = '1990-01-01'
const DAY_LENGTH = 10
const COLUMNS = ['article', 'date', 'views'] as const

const zViews = z.strictObject({
  article: zArticleName,
  date: z.iso.date('Expected a day such as 2026-08-24'),
  views: z.preprocess(wholeFromText, z.int().min(0).max(VIEWS_MAX)),
})

/** In CSV everything is text. */
function wholeFromText(value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? toSafeInteger(BigInt(value)) : value
}

/** The fields of a line of CSV (RFC 4180), or null where its quotes do not match. */
export function splitCsv(line: string): string[] | null {
  const fields: string[] = []
  const text = line.replace(/\r$/, '')
  for (let at = 0; ;) {
    FIELD.lastIndex = at
    const match = FIELD.exec(text)
    if (!match) return null
    fields.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'))
    at = FIELD.lastIndex
    if (at === text.length) return fields
    if (text[at] !== ',') return null
    at += 1
  }
}

const FIELD = /"((?:[^"]|"")*)"|([^",]*)/y

/** Fails: line_too_long. */
function checkLength(text: string, line: number): string {
  if (text.length <= VIEWS_LINE_CHARACTERS) return text
  throw new Invalid('line_too_long', `Line ${line} has more than ${VIEWS_LINE_CHARACTERS} characters.`, { line })
}

/** Fails: line_not_csv. */
function fieldsOfCsv(text: string, line: number, columns: readonly string[]): Record<string, unknown> {
  const fields = splitCsv(text)
  if (fields?.length === columns.length) {
    const named = columns.map((column, i): [string, unknown] => [column, fields[i]])
    return Object.fromEntries(named.filter(([column]) => COLUMNS.some((name) => name === column)))
  }
  throw new Invalid('line_not_csv', `Line ${line} has not the ${columns.length} columns of the heading.`, { line })
}

/** Fails: line_not_json. */
function fieldsOfJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new Invalid('line_not_json', `Line ${line} is not a JSON object.`, { line })
  }
}

/** Fails, in this order: line_invalid, line_time_out_of_range. */
function viewsOf(fields: unknown, { line, now }: { line: number; now: Date }): ViewsOfDay {
  const { data, error } = zViews.safeParse(fields)
  if (error) {
    const issue = error.issues[0]!
    const field = issue.code === 'unrecognized_keys' ? issue.keys[0]!.slice(0, 64) : String(issue.path[0] ?? '')
    throw new Invalid('line_invalid', `Line ${line}, field ${field}: ${issue.message}.`, { line, field })
  }
  const { article, date: day, views } = data
  if (day < EARLIEST_DAY || day > now.toISOString().slice(0, DAY_LENGTH)) {
    const message = `Line ${line}, field date: ${day} is in the future, or before there were wikis.`
    throw new Invalid('line_time_out_of_range', message, { line, field: 'date' })
  }
  return { article, day, views }
}
