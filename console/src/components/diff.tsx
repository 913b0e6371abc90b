import { Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'

/** What an audit event changed: field by field what was there before and what is there now, the changed ones marked. */
export function DiffTable({ diff }: { diff: unknown }) {
  const { before, after } = fieldsOf(diff)
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  if (names.length === 0) return <p className="text-muted">The event says no more than that it was done.</p>
  const sides = [before && (['Before', before] as const), after && (['After', after] as const)].filter((side) => !!side)
  return (
    <div className="-mx-4 -my-4 overflow-x-auto" role="region" aria-label="What changed" tabIndex={0}>
      <table className="w-full text-left">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            <th scope="col" className="px-4 py-2 font-medium">
              Field
            </th>
            {sides.map(([title]) => (
              <th key={title} scope="col" className="px-4 py-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {names.map((name) => (
            <tr key={name}>
              <th scope="row" className="px-4 py-2 align-top font-medium break-words">
                {words(name)}
              </th>
              {sides.map(([title, fields]) => (
                <td key={title} className="px-4 py-2 align-top">
                  <Value value={fields[name]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Value({ value }: { value: unknown }) {
  if (value === undefined) return '–'
  if (value === null) return <span className="text-muted">none</span>
  if (typeof value === 'string') {
    return TIME.test(value) ? <Moment at={value} /> : <span className="break-all">{value}</span>
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return <pre className="font-mono text-xs break-all whitespace-pre-wrap">{JSON.stringify(value, null, 1)}</pre>
}

const TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(diff: unknown): { before: Fields | undefined; after: Fields | undefined } {
  const { before, after } = isObject(diff) ? diff : {}
  return { before: sideOf(before), after: sideOf(after) }
}

/** A side that is one value, as that of a parameter, has one field. */
function sideOf(side: unknown): Fields | undefined {
  if (side === undefined) return undefined
  return isObject(side) ? side : { value: side }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
