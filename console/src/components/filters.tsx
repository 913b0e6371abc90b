import { useState } from 'react'

import { Button } from '../ui/button.tsx'
import { CONTROL } from '../ui/field.tsx'

/** Something that a list can be narrowed or ordered by: typed in, one of a few, or a day that it begins or ends with. */
export interface Filter {
  name: string
  label: string
  options?: readonly (readonly [value: string, name: string])[]
  day?: 'first' | 'last'
}

/** For lists in time. */
export const ORDER_FILTER: Filter = {
  name: 'order',
  label: 'Order',
  options: [
    ['', 'Newest first'],
    ['oldest', 'Oldest first'],
  ],
}

/** What the API is asked for: of a day its first moment, or the one that is no longer part of it; days are those of UTC. */
export function askedFor(chosen: Record<string, string>, filters: readonly Filter[]): Record<string, string> {
  const days = new Map(filters.flatMap(({ name, day }) => (day ? [[name, day] as const] : [])))
  return Object.fromEntries(
    Object.entries(chosen).map(([name, value]) => [name, days.has(name) ? momentOf(value, days.get(name)) : value]),
  )
}

function momentOf(day: string, edge: Filter['day']): string {
  const start = Date.parse(`${day}T00:00:00Z`)
  // What is no day is sent as it is: the server says what is wrong with it.
  return Number.isNaN(start) ? day : new Date(start + (edge === 'last' ? DAY_MS : 0)).toISOString()
}

const DAY_MS = 86_400_000

/** What is chosen from a few takes effect at once, what is typed in with Enter. */
export function Filters({ filters, chosen, onChange }: FiltersProps) {
  // A new address means new fields: what was half typed does not survive it.
  const key = JSON.stringify(chosen)
  return <FilterForm key={key} filters={filters} chosen={chosen} onChange={onChange} />
}

interface FiltersProps {
  filters: readonly Filter[]
  chosen: Record<string, string>
  onChange: (chosen: Record<string, string>) => void
}

function FilterForm({ filters, chosen, onChange }: FiltersProps) {
  const [typed, setTyped] = useState(chosen)
  const apply = (values: Record<string, string>) =>
    onChange(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')))
  if (filters.length === 0) return <span />
  return (
    <form
      role="search"
      className="grid w-full grid-cols-2 gap-2 sm:flex sm:w-auto sm:flex-wrap"
      onSubmit={(event) => {
        event.preventDefault()
        apply(typed)
      }}
    >
      {filters.map(({ name, label, options, day }) =>
        day ? (
          <label key={name} className="flex min-w-0 items-center gap-2 text-sm text-muted">
            {label}
            <input
              type="date"
              className={`${CONTROL} min-w-0 sm:w-36`}
              value={typed[name] ?? ''}
              onChange={({ target }) => setTyped({ ...typed, [name]: target.value })}
            />
          </label>
        ) : options ? (
          <select
            key={name}
            aria-label={label}
            className={`${CONTROL} sm:w-auto`}
            value={typed[name] ?? ''}
            onChange={({ target }) => apply({ ...typed, [name]: target.value })}
          >
            {options.map(([value, shown]) => (
              <option key={value} value={value}>
                {shown}
              </option>
            ))}
          </select>
        ) : (
          <input
            key={name}
            aria-label={label}
            placeholder={label}
            className={`${CONTROL} sm:w-40`}
            value={typed[name] ?? ''}
            onChange={({ target }) => setTyped({ ...typed, [name]: target.value })}
          />
        ),
      )}
      {filters.some(({ options }) => !options) && <Button type="submit">Filter</Button>}
      {Object.keys(chosen).length > 0 && (
        <Button look="quiet" onClick={() => apply({})}>
          Clear
        </Button>
      )}
    </form>
  )
}
