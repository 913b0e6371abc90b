import { grouped } from '../ui/format.ts'

/** What a parameter's values may be, as a sentence. */
export function ParameterBounds({ shape }: { shape: unknown }) {
  return <span className="figures">{boundsOf(shape as Shape)}</span>
}

function boundsOf(shape: Shape): string {
  switch (shape.type) {
    case 'integer':
      return `A whole number${between(shape)}.`
    case 'decimal':
      return `A number of at most ${shape.digits} decimals${between(shape)}.`
    case 'amount':
      return `An amount of ${shape.asset}${between(shape)}, of at most ${shape.scale} decimals.`
    case 'boolean':
      return 'true or false.'
    case 'text':
      return `One of ${shape.values.join(', ')}.`
    case 'table':
      return `A table${between(shape)} rows; ${Object.entries(shape.columns)
        .map(([name, column]) => `${name}: ${boundsOf(column)}`)
        .join(' ')}`
    default:
      return ''
  }
}

function between({ bounds }: { bounds?: { min: string; max: string } }): string {
  return bounds ? ` from ${grouped(bounds.min)} to ${grouped(bounds.max)}` : ''
}

/** As the server describes it (`src/economy/parameter-rules.ts`). */
type Shape = { bounds?: { min: string; max: string } } & (
  | { type: 'integer' }
  | { type: 'decimal'; digits: number }
  | { type: 'amount'; asset: string; scale: number }
  | { type: 'boolean' }
  | { type: 'text'; values: readonly string[] }
  | { type: 'table'; columns: Record<string, Shape> }
)
