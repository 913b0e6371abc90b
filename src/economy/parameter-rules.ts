import { assert, unreachable } from '../core/assert.ts'
import { formatDecimal, parseDecimal, readScaled } from '../core/decimal.ts'
import { AppError, Invalid } from '../core/errors.ts'
import { formatAmount, parseAmount } from '../core/money.ts'

/**
 * What `given` means as the value of a parameter: as a module computes with it, and as it is kept and shown. Integers
 * are JSON numbers, decimals and amounts are texts (`2.5`), a table is a list of rows.
 * Fails, in this order: parameter_invalid, parameter_out_of_bounds.
 */
export function readValue(name: string, shape: Shape, given: unknown): { value: Value; json: JsonValue } {
  const value = decode(name, shape, given)
  checkBounds(name, shape, value)
  return { value, json: encode(shape, value) }
}

/** The value in what is kept of it. Bounds are not asked: those of its day may have been wider. */
export function decode(name: string, shape: Shape, json: unknown): Value {
  switch (shape.type) {
    case 'integer':
      return readNumber(name, json, 0)
    case 'decimal':
      return readNumber(name, json, shape.digits)
    case 'amount':
      return readAmount(name, json, shape.scale)
    case 'boolean':
      if (typeof json === 'boolean') return json
      throw invalid(name, 'is true or false.')
    case 'text':
      if (typeof json === 'string' && shape.values.includes(json)) return json
      throw invalid(name, `is one of ${shape.values.join(', ')}.`)
    case 'table':
      return readTable(name, shape, json)
    default:
      return unreachable(shape)
  }
}

/** As a module computes with it: a decimal as a whole number of its smallest steps, an amount in minor units. */
export type Value = number | bigint | boolean | string | Row[]
export type Row = { [column: string]: Value }

export type JsonValue = number | boolean | string | JsonRow[]
export type JsonRow = { [column: string]: JsonValue }

/** What a parameter's values may be. Bounds are decimal texts, both included. */
export type Shape = ScalarShape | TableShape

export type ScalarShape =
  | { type: 'integer'; bounds?: Bounds }
  | { type: 'decimal'; digits: number; bounds?: Bounds }
  | { type: 'amount'; asset: string; scale: number; bounds?: Bounds }
  | { type: 'boolean' }
  | { type: 'text'; values: readonly string[] }

export interface TableShape {
  type: 'table'
  columns: { readonly [column: string]: ScalarShape }
  /** The column that no two rows share. */
  key: string
  /** How many rows there may be. */
  bounds: Bounds
}

export interface Bounds {
  readonly min: string
  readonly max: string
}

const ROWS_MAX = 100

function readNumber(name: string, given: unknown, digits: number): number {
  if (typeof given !== 'number' && typeof given !== 'string') throw invalid(name, 'is a number.')
  return renamed(name, () => parseDecimal(given, digits))
}

function readAmount(name: string, given: unknown, scale: number): bigint {
  if (typeof given !== 'string') throw invalid(name, 'is an amount, written as a text such as "12.5".')
  return renamed(name, () => parseAmount(given, scale))
}

function readTable(name: string, { columns, key }: TableShape, given: unknown): Row[] {
  if (!Array.isArray(given) || given.length > ROWS_MAX) throw invalid(name, `is a list of at most ${ROWS_MAX} rows.`)
  const names = Object.keys(columns)
  const rows = given.map((row: unknown, i) => {
    const label = `${name} row ${i + 1}`
    if (!isRecord(row) || names.length !== Object.keys(row).length || names.some((column) => !(column in row))) {
      throw invalid(label, `has the members ${names.join(', ')} and no others.`)
    }
    return Object.fromEntries(
      Object.entries(columns).map(([column, shape]) => [column, decode(`${label} ${column}`, shape, row[column])]),
    )
  })
  if (new Set(rows.map((row) => row[key])).size < rows.length) throw invalid(name, `has one row for each ${key}.`)
  return rows
}

function checkBounds(name: string, shape: Shape, value: Value): void {
  if (shape.type === 'table') {
    assert(Array.isArray(value), 'A table is a list of rows.')
    within(name, 'rows', shape.bounds, { value: BigInt(value.length), digits: 0 })
    for (const [i, row] of value.entries()) {
      for (const [column, of] of Object.entries(shape.columns)) {
        checkBounds(`${name} row ${i + 1} ${column}`, of, row[column]!)
      }
    }
  } else if ('bounds' in shape && shape.bounds) {
    assert(typeof value === 'number' || typeof value === 'bigint', 'Only numbers have bounds.')
    within(name, '', shape.bounds, { value: BigInt(value), digits: digitsOf(shape) })
  }
}

function within(name: string, what: string, { min, max }: Bounds, given: { value: bigint; digits: number }): void {
  const [lowest, highest] = [min, max].map((text) => readScaled(text, given.digits))
  assert(typeof lowest === 'bigint' && typeof highest === 'bigint', `The bounds of ${name} are no numbers of its kind.`)
  if (given.value >= lowest && given.value <= highest) return
  const value = formatDecimal(given.value, given.digits)
  const range = `${min} to ${max}${what && ` ${what}`}`
  throw new Invalid('parameter_out_of_bounds', `${name} must be from ${range}, and ${value} is not.`, {
    value,
    min,
    max,
  })
}

function encode(shape: Shape, value: Value): JsonValue {
  if (shape.type === 'decimal' && typeof value === 'number') return formatDecimal(value, shape.digits)
  if (shape.type === 'amount' && typeof value === 'bigint') return formatAmount(value, shape.scale)
  if (shape.type === 'table' && Array.isArray(value)) return value.map((row) => encodeRow(shape, row))
  assert(typeof value !== 'bigint' && !Array.isArray(value), `A ${shape.type} has no such value.`)
  return value
}

function encodeRow({ columns }: TableShape, row: Row): JsonRow {
  return Object.fromEntries(Object.entries(columns).map(([column, shape]) => [column, encode(shape, row[column]!)]))
}

function digitsOf(shape: ScalarShape): number {
  if (shape.type === 'decimal') return shape.digits
  return shape.type === 'amount' ? shape.scale : 0
}

/** Says which parameter it was that could not be read. */
function renamed<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof AppError) throw new Invalid('parameter_invalid', `${name}: ${error.message}`)
    throw error
  }
}

function invalid(name: string, what: string): Error {
  return new Invalid('parameter_invalid', `${name} ${what}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
