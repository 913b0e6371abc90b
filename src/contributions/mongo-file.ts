import { Decimal128, Double, EJSON, Int32, Long, ObjectId } from 'bson'
import type { z } from 'zod'

import { formatDecimal, readScaled } from '../core/decimal.ts'
import { Invalid } from '../core/errors.ts'

/*
 * Collections as mongoexport writes them: MongoDB Extended JSON v2, canonical or relaxed, a document a line, or with
 * --jsonArray an array with a document a line. A value is taken for what it says, however it is spelt: numbers exactly
 * as they are written, times as texts or as dates.
 */

/** Documents with more text are refused: export with `--fields` what is needed. */
export const DOCUMENT_CHARACTERS = 262_144

/** The document of a line; null where it is only a bracket. Fails: line_too_long, line_not_json. */
export function readDocument(text: string, line: number): Document | null {
  if (text.length > DOCUMENT_CHARACTERS) {
    const message = `Line ${line} has more than ${DOCUMENT_CHARACTERS} characters. Export only the fields that are needed.`
    throw new Invalid('line_too_long', message, { line })
  }
  const bare = text
    .replace(/^\uFEFF/, '')
    .trim()
    .replace(/^\[/, '')
    .replace(/[,\]]+$/, '')
    .trim()
  // Written with --jsonArray, it begins and ends with a line of its own.
  if (bare === '' && /[[\]]/.test(text)) return null
  const fields = parse(bare)
  if (fields) return { line, fields }
  throw new Invalid('line_not_json', `Line ${line} is not a document of Extended JSON.`, { line })
}

export interface Document {
  line: number
  fields: Readonly<Record<string, unknown>>
}

/** What a field says, by a path such as `token_metadata.featured`; null and missing are the same. */
export function fieldOf({ fields }: Document, path: string): unknown {
  let value: unknown = fields
  for (const name of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value ?? undefined
}

/** The first of these fields that there is. Fails: line_invalid. */
export function textIn(document: Document, paths: readonly string[], shape: z.ZodType<string>): string {
  const path = paths.find((name) => fieldOf(document, name) !== undefined) ?? paths[0]!
  const { data, error } = shape.safeParse(fieldOf(document, path))
  if (data !== undefined) return data
  throw invalid(document, path, error?.issues[0]?.message ?? 'Expected text')
}

export function flagIn(document: Document, path: string): boolean | undefined {
  const value = fieldOf(document, path)
  if (value === undefined || typeof value === 'boolean') return value
  throw invalid(document, path, 'Expected true or false')
}

/** In its shortest decimal form. Fails: line_invalid. */
export function decimalIn(document: Document, path: string, digits: number): string | undefined {
  const value = fieldOf(document, path)
  if (value === undefined) return undefined
  const steps = readScaled(numberText(value), digits)
  if (steps !== null) return formatDecimal(steps, digits)
  throw invalid(document, path, `Expected a number without a sign, with at most ${digits} decimals`)
}

export function timeIn(document: Document, path: string): Date | undefined {
  const value = fieldOf(document, path)
  if (value === undefined) return undefined
  const time = typeof value === 'string' && ISO_TIME.test(value) ? new Date(value) : value
  if (time instanceof Date && !Number.isNaN(time.getTime())) return time
  throw invalid(document, path, 'Expected a time')
}

/** When it came into being: one of the fields, or what its `_id` says. Fails: line_invalid, line_time_out_of_range. */
export function beginningOf(document: Document, { paths, now }: { paths: readonly string[]; now: Date }): Date {
  const path = paths.find((name) => fieldOf(document, name) !== undefined) ?? '_id'
  const id = fieldOf(document, '_id')
  const time = path === '_id' ? (id instanceof ObjectId ? id.getTimestamp() : undefined) : timeIn(document, path)
  if (!time) throw invalid(document, path, `Expected one of ${paths.join(', ')}, or an ObjectId`)
  if (time.getTime() >= EARLIEST && time.getTime() <= now.getTime() + CLOCK_SKEW_MS) return time
  const { line } = document
  const message = `Line ${line}, field ${path}: ${time.toISOString()} is in the future, or before there were wikis.`
  throw new Invalid('line_time_out_of_range', message, { line, field: path })
}

function invalid({ line }: Document, field: string, why: string): Error {
  return new Invalid('line_invalid', `Line ${line}, field ${field}: ${why}.`, { line, field })
}

const EARLIEST = Date.UTC(1990, 0, 1)
const CLOCK_SKEW_MS = 5 * 60_000
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/

/** Whatever is wrong with it, it is none: the parser throws errors of many kinds. */
function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = EJSON.parse(text, { relaxed: false })
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

/** A document, and none of the types that BSON has besides. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('_bsontype' in value)
}

function numberText(value: unknown): string {
  if (value instanceof Double || value instanceof Int32) return `${value.value}`
  if (value instanceof Long || value instanceof Decimal128) return value.toString()
  return typeof value === 'bigint' ? value.toString() : ''
}
