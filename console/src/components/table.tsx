import type { ReactNode } from 'react'

/** One column: how a cell looks, and what it is in a CSV file, where amounts and times are what the API said. */
export interface Column<T> {
  header: string
  cell: (row: T) => ReactNode
  csv?: (row: T) => string
  /** Figures stand at the right, so that their digits line up. */
  figures?: boolean
  /** Left out where there is no room: the row's own page has it. */
  wide?: boolean
  /** Only where there is no room for those that are `wide`. */
  narrow?: boolean
  /** What can be done with the row: at its end, under no heading that is seen. */
  action?: boolean
}

export function Table<T>({ label, columns, rows, rowKey }: TableProps<T>) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b border-line">
            {columns.map((column) => (
              <th key={column.header} scope="col" className={`${cellLook(column)} py-2 font-medium text-muted`}>
                {column.action ? <span className="sr-only">{column.header}</span> : column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b border-line last:border-0 hover:bg-raised/60">
              {columns.map((column) => (
                <td key={column.header} className={`${cellLook(column)} py-2`}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface TableProps<T> {
  label: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  rowKey: (row: T) => string
}

function cellLook({ figures, wide, narrow, action }: Omit<Column<never>, 'header' | 'cell' | 'csv'>): string {
  const side = figures ? 'figures text-right' : action ? 'w-px text-right whitespace-nowrap' : 'text-left'
  return `px-3 first:pl-4 last:pr-4 align-baseline ${side} ${wide ? 'max-md:hidden' : narrow ? 'md:hidden' : ''}`
}
