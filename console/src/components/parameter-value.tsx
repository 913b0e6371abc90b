import { Amount } from '../ui/figures.tsx'
import { grouped, words } from '../ui/format.ts'

/** A number, a text, or a table: whatever a parameter is. */
export function ParameterValue({ value, short = false }: { value: unknown; short?: boolean }) {
  if (Array.isArray(value) && value.length > 0 && value.every(isRow)) {
    return short ? <span>{value.length} rows</span> : <Rows rows={value} />
  }
  if (isRow(value)) {
    const pairs = Object.entries(value)
    if (short) return <span>{pairs.length} values</span>
    return (
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1">
        {pairs.map(([name, held]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{words(name)}</dt>
            <dd className="figures">{plain(held)}</dd>
          </div>
        ))}
      </dl>
    )
  }
  return <span className="figures">{plain(value)}</span>
}

/** The same with its asset, where the shape of the parameter says that it is an amount. */
export function ShapedValue({ value, shape }: { value: unknown; shape: unknown }) {
  if (isRow(shape) && shape['type'] === 'amount' && typeof value === 'string') {
    return <Amount value={value} asset={String(shape['asset'])} />
  }
  return <ParameterValue value={value} />
}

function Rows({ rows }: { rows: Record<string, unknown>[] }) {
  const names = Object.keys(rows[0] ?? {})
  return (
    <table className="figures text-sm">
      <thead>
        <tr className="border-b border-line text-left text-muted">
          {names.map((name) => (
            <th key={name} scope="col" className="py-1 pr-8 font-medium">
              {words(name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={JSON.stringify(row)} className="border-b border-line last:border-0">
            {names.map((name) => (
              <td key={name} className="py-1 pr-8">
                {plain(row[name])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function plain(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return grouped(String(value))
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return JSON.stringify(value)
}

function isRow(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
