import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { type Item, read, type ReadPath } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Card, Empty } from '../ui/surfaces.tsx'
import { CsvButton } from './csv.tsx'
import { useEconomy, useFilters } from './economy.tsx'
import { askedFor, type Filter, Filters } from './filters.tsx'
import { Loaded } from './page.tsx'
import { type Column, Table } from './table.tsx'

/**
 * A list of the API, a page at a time. Filters, order and the place in the list are in the address, so a link shows
 * what its sender saw; the browser's own Back leads to the page before.
 */
export function List<P extends ReadPath>({
  label,
  path,
  slot,
  names = {},
  fixed = {},
  filters = [],
  columns,
  rowKey,
  followed_ms,
  empty,
  saves,
}: ListProps<P>) {
  const economy = useEconomy()
  const navigate = useNavigate()
  const { own, others } = divided(useFilters(), slot)
  const { cursor, ...rest } = own
  const chosen = pick(rest, filters)
  const query = { ...fixed, ...askedFor(chosen, filters) }
  const page = useQuery({
    ...read(economy, path, { path: names, query: { ...query, limit: PAGE, ...(cursor && { cursor }) } as never }),
    refetchInterval: followed_ms ?? false,
  })
  const go = (search: Record<string, string>) =>
    void navigate({ to: '.', search: { ...others, ...named(search, slot) } })
  return (
    <Card>
      <div className="-m-4">
        <div className="flex flex-wrap items-end justify-between gap-3 border-b border-line p-3 sm:px-4">
          <Filters filters={filters} chosen={chosen} onChange={go} />
          {saves?.(query) ?? <CsvButton name={label} path={path} names={names} query={query} columns={columns} />}
        </div>
        <Loaded from={page} lines={8}>
          {(answer) => {
            const { data, next_cursor } = answer as unknown as { data: Item<P>[]; next_cursor?: string | null }
            return (
              <>
                {data.length === 0 ? (
                  cursor || Object.keys(chosen).length > 0 ? (
                    <Empty title="Nothing matches">
                      <Button onClick={() => go({})}>Show everything</Button>
                    </Empty>
                  ) : (
                    empty
                  )
                ) : (
                  <Table label={label} columns={columns} rows={data} rowKey={rowKey} />
                )}
                {(cursor || next_cursor) && (
                  <nav aria-label={`Pages of ${label}`} className="flex justify-end gap-2 border-t border-line p-3">
                    {cursor && <Button onClick={() => go(chosen)}>First page</Button>}
                    <Button
                      disabledReason={next_cursor ? undefined : 'This is the last page.'}
                      onClick={() => go({ ...chosen, cursor: next_cursor ?? '' })}
                    >
                      Next page
                    </Button>
                  </nav>
                )}
              </>
            )
          }}
        </Loaded>
      </div>
    </Card>
  )
}

interface ListProps<P extends ReadPath> {
  label: string
  path: P
  /** Where a page has several lists: what each keeps in the address begins with its own. */
  slot?: string
  names?: Record<string, string>
  /** What the list is always asked for, whatever is chosen. */
  fixed?: Record<string, string>
  filters?: readonly Filter[]
  columns: readonly Column<Item<P>>[]
  rowKey: (row: Item<P>) => string
  /** How often it is asked for again, while what it shows is under way. */
  followed_ms?: number | undefined
  empty: ReactNode
  /** What saves all that the filters let through, where the server writes such a file; else it is put together here. */
  saves?: (query: Record<string, string>) => ReactNode
}

const PAGE = '50'

function pick(search: Record<string, string>, filters: readonly Filter[]): Record<string, string> {
  return Object.fromEntries(filters.flatMap(({ name }) => (search[name] ? [[name, search[name]]] : [])))
}

/** What of the address is this list's, and what another's on the same page. */
function divided(search: Record<string, string>, slot: string | undefined) {
  const isOwn = (name: string) => (slot === undefined ? !name.includes('.') : name.startsWith(`${slot}.`))
  const entries = Object.entries(search)
  const own = entries.filter(([name]) => isOwn(name)).map(([name, value]) => [name.split('.').at(-1) ?? name, value])
  return {
    own: Object.fromEntries(own) as Record<string, string>,
    others: Object.fromEntries(entries.filter(([name]) => !isOwn(name))),
  }
}

function named(search: Record<string, string>, slot: string | undefined): Record<string, string> {
  if (slot === undefined) return search
  return Object.fromEntries(Object.entries(search).map(([name, value]) => [`${slot}.${name}`, value]))
}
