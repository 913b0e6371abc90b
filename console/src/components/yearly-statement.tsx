import { useState } from 'react'

import { fetchFile } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { Button } from '../ui/button.tsx'
import { SelectField } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { saveBlob } from './csv.tsx'
import { useEconomy } from './economy.tsx'

const FORMATS = ['pdf', 'csv', 'json'] as const

/** The statement of a calendar year as a file, since the year in which somebody joined: one's own, or of a person. */
export function YearlyStatement({ since, of }: { since: string; of?: { id: string; username: string } }) {
  const economy = useEconomy()
  const years = yearsSince(since)
  const [year, setYear] = useState(String(years[0]))
  const [busy, setBusy] = useState<string>()
  const [failure, setFailure] = useState<unknown>()
  const download = async (format: (typeof FORMATS)[number]) => {
    setBusy(format)
    setFailure(undefined)
    try {
      const file = of
        ? await fetchFile(economy, '/people/{id}/statements/{year}', { path: { id: of.id, year }, query: { format } })
        : await fetchFile(economy, '/me/statements/{year}', { path: { year }, query: { format } })
      saveBlob(`statement-${of?.username ?? economy}-${year}.${format}`, file)
    } catch (error) {
      setFailure(error)
    }
    setBusy(undefined)
  }
  return (
    <Card
      title="Statement of a year"
      note="Every movement, balances and totals, with the checkpoint of the log that it was made at."
    >
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-32">
          <SelectField
            label="Year"
            value={year}
            options={years.map((each) => [String(each), String(each)])}
            onChange={({ target }) => setYear(target.value)}
          />
        </div>
        {FORMATS.map((format) => (
          <Button key={format} busy={busy === format} onClick={() => void download(format)}>
            <Icon name="download" /> {format.toUpperCase()}
          </Button>
        ))}
      </div>
      {failure !== undefined && (
        <div className="mt-3">
          <Notice tone="danger">{sentenceOf(failure)}</Notice>
        </div>
      )}
    </Card>
  )
}

function yearsSince(since: string): number[] {
  const [first, last] = [new Date(since).getUTCFullYear(), new Date().getUTCFullYear()]
  return Array.from({ length: Math.max(last - first, 0) + 1 }, (_, back) => Math.max(last, first) - back)
}
