import { z } from 'zod'

import { Invalid } from '../core/errors.ts'
import type { ContributionType } from './points-rules.ts'

/*
 * The wiki-history format: the edits of a wiki, one JSON object a line, oldest first (examples/wiki-history/README.md).
 * Here a line is read and it is said what it brings to whom, without any state but which pages were created before.
 */

export const MAX_LINE_CHARACTERS = 65_536
const MAX_NAME = 64
const MAX_ARTICLE = 300
const MAX_LANGUAGE = 35
const MAX_COAUTHORS = 100
const MAX_LINES_CHANGED = 1_000_000

/** The first wiki opened in 1995: what claims to be older is a clock that was not set. */
const EARLIEST = Date.UTC(1990, 0, 1)

/** How far the clock of whoever wrote the file may be ahead of ours. */
const CLOCK_SKEW_MS = 5 * 60_000

/** The language in which an article is written first; in any other it is a translation. */
const ORIGINAL_LANGUAGE = 'en'

/** From this many lines added and removed on, together, an edit is a major one. */
const MAJOR_EDIT_LINES = 10

/** Neither control characters nor halves of surrogate pairs, which PostgreSQL cannot hold; no space at either end. */
const plainText = z.string().regex(/^(?!\s)[^\p{Cc}\p{Cs}]+(?<!\s)$/u, 'Expected plain text')
const name = plainText.max(MAX_NAME)
const lines = z.int().min(0).max(MAX_LINES_CHANGED)

const wikiChange = z.strictObject({
  commit: name,
  at: z.iso.datetime('Expected a UTC time such as 2014-03-04T12:28:29Z').transform((text) => new Date(text)),
  author: name,
  coauthors: z.array(name).max(MAX_COAUTHORS),
  reviewer: name.nullable(),
  article: plainText.max(MAX_ARTICLE),
  language: z
    .string()
    .max(MAX_LANGUAGE)
    .regex(/^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$/, 'Expected a language such as en or pt_BR'),
  change: z.enum(['create', 'edit', 'rename', 'delete']),
  added: lines,
  removed: lines,
})

/**
 * One line of the file, checked. Every field must be there, and no other.
 * Fails, in this order: line_too_long, line_not_json, line_invalid (with the field), line_time_out_of_range.
 */
export function readLine(text: string, { line, now }: { line: number; now: Date }): WikiChange {
  if (text.length > MAX_LINE_CHARACTERS) {
    throw new Invalid('line_too_long', `Line ${line} has more than ${MAX_LINE_CHARACTERS} characters.`, { line })
  }
  const result = wikiChange.safeParse(parseObject(text, line))
  if (!result.success) throw lineInvalid(result.error.issues[0]!, line)
  const at = result.data.at.getTime()
  if (at < EARLIEST || at > now.getTime() + CLOCK_SKEW_MS) {
    const message = `Line ${line}, field at: ${result.data.at.toISOString()} is in the future, or before there were wikis.`
    throw new Invalid('line_time_out_of_range', message, { line, field: 'at' })
  }
  return result.data
}

/**
 * What a change brings to whom; lines must come in the order of the file, each once.
 * - `create` of a new (article, language): a creation in English, a translation in any other language.
 * - `edit`, and `create` of what was created before: a major edit from 10 lines added and removed on, else a minor one.
 * - `rename`: a minor edit. `delete`: nothing for those who made it.
 * - A reviewer who is not among those who made the change brought a review of it, of a deletion too.
 */
export function interpretChange(change: WikiChange, pages: CreatedPages): ChangeCredits {
  const makers = [...new Set([change.author, ...change.coauthors])]
  const { reviewer } = change
  const type = typeOf(change, pages)
  return {
    type,
    people: type === null ? [] : makers,
    reviewer: reviewer !== null && !makers.includes(reviewer) ? reviewer : null,
  }
}

export type WikiChange = z.infer<typeof wikiChange>

/** What must be remembered between lines. */
export interface CreatedPages {
  /** Notes that the article was created in the language; true the first time, false ever after. */
  create(article: string, language: string): boolean
}

export interface ChangeCredits {
  /** What each of `people` did, or null where the change brings them nothing. */
  type: Exclude<ContributionType, 'review'> | null
  /** Who made the change and is credited with it: the author, then the others, each once. */
  people: string[]
  /** Who is credited with one review. */
  reviewer: string | null
}

function parseObject(text: string, line: number): object {
  const value = parseJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new Invalid('line_not_json', `Line ${line} is not a JSON object.`, { line })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function lineInvalid(issue: z.core.$ZodIssue, line: number): Error {
  const field = issue.code === 'unrecognized_keys' ? issue.keys[0]!.slice(0, MAX_NAME) : String(issue.path[0])
  return new Invalid('line_invalid', `Line ${line}, field ${field}: ${issue.message}.`, { line, field })
}

function typeOf(change: WikiChange, pages: CreatedPages): ChangeCredits['type'] {
  if (change.change === 'delete') return null
  if (change.change === 'rename') return 'minor_edit'
  if (change.change === 'create' && pages.create(change.article, change.language)) {
    return change.language === ORIGINAL_LANGUAGE ? 'creation' : 'translation'
  }
  return change.added + change.removed >= MAJOR_EDIT_LINES ? 'major_edit' : 'minor_edit'
}
