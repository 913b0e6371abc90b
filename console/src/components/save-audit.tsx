import { useMutation } from '@tanstack/react-query'

import { fetchFile } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { saveBlob } from './csv.tsx'
import { useEconomy } from './economy.tsx'

const FORMATS = { csv: 'CSV', jsonl: 'JSON lines' } as const

/** Saves every event that the filters let through, however many there are: the server writes the file. */
export function SaveAudit({ query }: { query: Record<string, string> }) {
  const economy = useEconomy()
  const save = useMutation({
    mutationFn: async (format: keyof typeof FORMATS) => {
      const file = await fetchFile(economy, '/audit/export', { query: { ...query, format } })
      saveBlob(`audit-${economy}.${format}`, file)
      return FORMATS[format]
    },
  })
  return (
    <div className="ml-auto flex flex-wrap items-center gap-2">
      <span role="status" className="text-xs text-muted">
        {save.error ? sentenceOf(save.error) : save.data && `${save.data} saved.`}
      </span>
      {(['csv', 'jsonl'] as const).map((format) => (
        <Button
          key={format}
          look="quiet"
          busy={save.isPending && save.variables === format}
          onClick={() => save.mutate(format)}
        >
          <Icon name="download" /> {FORMATS[format]}
        </Button>
      ))}
    </div>
  )
}
