import { isDeepStrictEqual } from 'node:util'

import { assert, must, unreachable } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type {
  Blueprint,
  BlueprintParameters,
  ParameterDefinition,
  ScalarDefinition,
  TableDefinition,
} from './define.ts'
import { type JsonValue, readValue, type ScalarShape, type Shape } from './parameter-rules.ts'

/**
 * Gives the economy the parameters of its blueprint that it lacks, each with its first value, in force from ever;
 * brings descriptions and bounds up to date. Values that were set stay. Writes nothing when nothing is new.
 */
export async function setUpParameters(tx: Tx, { blueprint, actor, now }: SetUpParameters): Promise<void> {
  const existing = await tx.selectFrom('economy.parameter').selectAll().execute()
  const byName = new Map(existing.map((row) => [row.name, row]))
  for (const { row, first } of parametersOf(blueprint)) {
    const before = byName.get(row.name)
    if (before && isDeepStrictEqual(before, row)) continue
    assert(
      !before || sameKind(before.shape, row.shape),
      `The parameter ${row.name} has become another kind: give it a new name.`,
    )
    await tx
      .insertInto('economy.parameter')
      .values({ ...row, shape: JSON.stringify(row.shape) })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet((set) => ({
          module: set.ref('excluded.module'),
          description: set.ref('excluded.description'),
          shape: set.ref('excluded.shape'),
          governable: set.ref('excluded.governable'),
          aliases: set.ref('excluded.aliases'),
        })),
      )
      .execute()
    if (before) continue
    await tx
      .insertInto('economy.parameter_value')
      .values({ name: row.name, value: JSON.stringify(first), in_force_from: FROM_EVER, set_at: now, actor })
      .execute()
    const diff = { after: { value: first } }
    await record(tx, { at: now, actor, action: 'parameter.add', subject: `parameter:${row.name}`, diff })
  }
}

/**
 * The rows that a blueprint's parameters make, and their first values; each is within its bounds, or the blueprint is
 * wrong.
 */
export function parametersOf({ assets, parameters }: Pick<Blueprint, 'assets' | 'parameters'>): NewParameter[] {
  const scales = new Map(assets.map(({ code, scale }) => [code, scale]))
  const rows = parameters.flatMap((of) => rowsOf(of, must(scales.get(of.asset), `There is no asset ${of.asset}.`)))
  const names = rows.flatMap(({ row }) => [row.name, ...row.aliases])
  assert(new Set(names).size === names.length, 'Two parameters of the blueprint share a name.')
  return rows
}

export interface SetUpParameters {
  blueprint: Pick<Blueprint, 'assets' | 'parameters'>
  actor: string
  now: Date
}

export interface NewParameter {
  row: {
    name: string
    module: string
    description: string
    shape: Shape
    governable: boolean
    aliases: string[]
  }
  first: JsonValue
}

/** First values hold for all time before, too: a rule may be evaluated for years before the economy was created. */
const FROM_EVER = new Date(0)

function rowsOf({ of, asset, first = {} }: BlueprintParameters, scale: number): NewParameter[] {
  const unknown = Object.keys(first).filter((name) => !(name in of.definitions))
  assert(unknown.length === 0, `The module ${of.module} has no parameter ${unknown.join(', ')}.`)
  return Object.entries(of.definitions).map(([name, definition]) => {
    const shape = shapeOf(definition, { asset, scale })
    const bounded = 'bounds' in shape || shape.type === 'boolean'
    assert(bounded || !definition.governable, `A proposal may not change ${name}: it has no bounds.`)
    return {
      row: {
        name,
        module: of.module,
        description: definition.description,
        shape,
        governable: definition.governable ?? false,
        aliases: [...(definition.aliases ?? [])],
      },
      first: readValue(name, shape, first[name] ?? definition.first).json,
    }
  })
}

function shapeOf(definition: ParameterDefinition, of: { asset: string; scale: number }): Shape {
  if (definition.type !== 'table') return scalarShape(definition, of)
  const { type, key, bounds } = definition
  const columns = Object.entries(definition.columns).map(([name, column]) => [name, scalarShape(column, of)] as const)
  return { type, columns: Object.fromEntries(columns), key, bounds }
}

function scalarShape(
  definition: ScalarDefinition | TableDefinition['columns'][string],
  of: { asset: string; scale: number },
): ScalarShape {
  const bounds = 'bounds' in definition && definition.bounds ? { bounds: definition.bounds } : {}
  switch (definition.type) {
    case 'amount':
      return { type: 'amount', ...of, ...bounds }
    case 'decimal':
      return { type: 'decimal', digits: definition.digits, ...bounds }
    case 'integer':
      return { type: 'integer', ...bounds }
    case 'boolean':
      return { type: 'boolean' }
    case 'text':
      return { type: 'text', values: definition.values }
    default:
      return unreachable(definition)
  }
}

/** Whether values kept under the one shape can be read under the other: only bounds may differ. */
function sameKind(before: unknown, after: Shape): boolean {
  return isDeepStrictEqual(unbounded(before), unbounded(after))
}

function unbounded(shape: unknown): unknown {
  return JSON.parse(JSON.stringify(shape), (key, value: unknown) => (key === 'bounds' ? undefined : value))
}
