import { useState } from 'react'

import { type Item, type ReadPath, walk } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { useEconomy } from './economy.tsx'
import type { Column } from './table.tsx'

/** Writes all that the list's filters let through into a file, page by page, and says so when there was more than fits. */
export function CsvButton<P extends ReadPath>({ name, path, names, query, columns }: CsvProps<P>) {
  const economy = useEconomy()
  const [state, setState] = useState<string>()
  const [busy, setBusy] = useState(false)
  const written = columns.filter(({ csv }) => csv)

  const write = async () => {
    setBusy(true)
    setState(undefined)
    try {
      const lines = [written.map(({ header }) => header)]
      let more = false
      for await (const row of walk(economy, path, { path: names, query: { ...query, limit: PAGE } as never })) {
        more = lines.length > ROWS_MAX
        if (more) break
        lines.push(written.map(({ csv }) => csv?.(row) ?? ''))
        if (lines.length % PAGE === 0) setState(`${lines.length} rows`)
      }
      save(`${economy} ${name.toLowerCase()}.csv`, toCsv(lines), 'text/csv')
      setState(
        more
          ? `The first ${lines.length - 1} rows; narrow the list for the others.`
          : `${lines.length - 1} rows saved.`,
      )
    } catch (error) {
      setState(sentenceOf(error))
    }
    setBusy(false)
  }

  return (
    <div className="ml-auto flex items-center gap-2">
      <span role="status" className="text-xs text-muted">
        {state}
      </span>
      <Button look="quiet" busy={busy} onClick={() => void write()}>
        <Icon name="download" /> CSV
      </Button>
    </div>
  )
}

interface CsvProps<P extends ReadPath> {
  name: string
  path: P
  names: Record<string, string>
  query: Record<string, string>
  columns: readonly Column<Item<P>>[]
}

const PAGE = 200
const ROWS_MAX = 20_000

/** RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it; figures stay figures. */
export function toCsv(lines: readonly (readonly string[])[]): string {
  const field = (text: string) => {
    const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('')
}

export function save(name: string, content: string, type: string): void {
  saveBlob(name, new Blob([content], { type }))
}

export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
