import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import { Invalid, NotFound } from '../core/errors.ts'
import type { ParameterDefinitions, ParameterSet, ParameterValues } from './define.ts'
import { decode, type JsonValue, readValue, type Shape } from './parameter-rules.ts'

/**
 * The values of a module's parameters as in force at `at`, in one query: integers and decimals as numbers (a decimal
 * counts its smallest steps, so `2.5` of two digits is 250), amounts as bigint minor units, tables as rows of these.
 * A rule that is evaluated for a period reads them at the period's end.
 */
export async function parametersAt<D extends ParameterDefinitions>(
  db: Db | Tx,
  { definitions }: ParameterSet<D>,
  at: Date,
): Promise<ParameterValues<D>> {
  const rows = await readParameters(db, { at, names: Object.keys(definitions) })
  const byName = new Map(rows.map((row) => [row.name, row]))
  const values = Object.keys(definitions).map((name) => {
    const row = must(
      byName.get(name),
      `The economy has no parameter ${name}: its blueprint does not list the module's.`,
    )
    return [name, decode(name, row.shape, row.value)]
  })
  return Object.fromEntries(values) as ParameterValues<D>
}

/** All parameters of the economy as in force at `at`, by name. */
export async function listParameters(db: Db | Tx, at: Date): Promise<Parameter[]> {
  return await readParameters(db, { at })
}

/** One of them, also by another name that it has. Fails: parameter_not_found. */
export async function parameterAt(db: Db | Tx, name: string, at: Date): Promise<Parameter> {
  const [parameter] = await readParameters(db, { at, names: [name] })
  if (parameter) return parameter
  throw new NotFound('parameter_not_found', `There is no parameter ${JSON.stringify(name.slice(0, NAME_SHOWN))}.`)
}

/**
 * Changes a parameter, from now on or from `inForceFrom`. For the time before that, what was in force stays readable.
 * Of several values each holds from its own time on; of the same time, the one that was set last.
 * Fails, in this order: parameter_not_found, parameter_in_the_past, parameter_invalid, parameter_out_of_bounds.
 */
export async function setParameter(
  tx: Tx,
  { name: given, value, inForceFrom: from, actor, now }: SetParameter,
): Promise<Parameter> {
  const in_force_from = from ?? now
  const before = await parameterAt(tx, given, in_force_from)
  const { name } = before
  if (in_force_from < now) {
    throw new Invalid('parameter_in_the_past', `${name} can change from ${now.toISOString()} on, not earlier.`)
  }
  const { json } = readValue(name, before.shape, value)
  const change = { value: json, in_force_from, set_at: now, actor }
  await tx
    .insertInto('economy.parameter_value')
    .values({ ...change, name, value: JSON.stringify(json) })
    .execute()
  await record(tx, {
    at: now,
    actor,
    action: 'parameter.set',
    subject: `parameter:${name}`,
    diff: { before: { value: before.value }, after: { value: json, in_force_from: in_force_from.toISOString() } },
  })
  return { ...before, ...change }
}

/**
 * Every value that the parameter has had or will have, a page at a time, what was set last first. Fails:
 * parameter_not_found.
 */
export async function parameterHistory(
  db: Db | Tx,
  { name: given, at, before, limit }: ParameterHistory,
): Promise<ParameterChange[]> {
  const { name } = await parameterAt(db, given, at)
  let query = db
    .selectFrom('economy.parameter_value')
    .select(['id', 'value', 'in_force_from', 'set_at', 'actor'])
    .where('name', '=', name)
    .orderBy('id', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  return await query.$castTo<ParameterChange>().execute()
}

/** A parameter as it is shown, with the value that is in force. */
export interface Parameter {
  name: string
  module: string
  description: string
  /** What its values may be. */
  shape: Shape
  governable: boolean
  aliases: string[]
  value: JsonValue
  in_force_from: Date
  set_at: Date
  actor: string
}

export interface SetParameter {
  name: string
  /** As in JSON: an integer as a number, a decimal or an amount as a text, a table as a list of rows. */
  value: unknown
  inForceFrom?: Date
  actor: string
  now: Date
}

export interface ParameterHistory {
  name: string
  at: Date
  /** Only changes numbered lower. */
  before?: bigint
  limit: number
}

export interface ParameterChange {
  id: bigint
  value: JsonValue
  in_force_from: Date
  set_at: Date
  actor: string
}

const NAME_SHOWN = 64

async function readParameters(db: Db | Tx, { at, names }: { at: Date; names?: string[] }): Promise<Parameter[]> {
  const { rows } = await sql<Parameter>`
    select
      parameter.name,
      parameter.module,
      parameter.description,
      parameter.shape,
      parameter.governable,
      parameter.aliases,
      in_force.value,
      in_force.in_force_from,
      in_force.set_at,
      in_force.actor
    from economy.parameter
    cross join lateral (
      select value, in_force_from, set_at, actor
      from economy.parameter_value
      where parameter_value.name = parameter.name and in_force_from <= ${at}::timestamptz
      order by in_force_from desc, id desc
      limit 1
    ) as in_force
    where ${names ?? null}::text[] is null
      or parameter.name = any (${names ?? null}::text[])
      or parameter.aliases && ${names ?? null}::text[]
    order by parameter.name
  `.execute(db)
  return rows
}
