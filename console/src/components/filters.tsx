import { useState } from 'react'

import { Button } from '../ui/button.tsx'
import { CONTROL } from '../ui/field.tsx'

/** Something that a list can be narrowed or ordered by: typed in, or one of a few. */
export interface Filter {
  name: string
  label: string
  options?: readonly (readonly [value: string, name: string])[]
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
      {filters.map(({ name, label, options }) =>
        options ? (
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
