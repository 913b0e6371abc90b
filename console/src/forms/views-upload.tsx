import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { send, type SendBody } from '../api/client.ts'
import { BrowserRefusal, sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { newKey } from './idempotency-key.ts'

type Views = SendBody<'/articles/views'>['views']

/**
 * Page views from a file of CSV. They go up a batch at a time; the latest figure of a day counts, so sending a file again
 * after something went wrong changes nothing that was there.
 */
export function UploadViews() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button disabledReason={useRefusal('articles.views')} onClick={() => setOpen(true)}>
        Send page views
      </Button>
      <Dialog open={open} title="Page views" onClose={() => setOpen(false)}>
        <UploadForm onClose={() => setOpen(false)} />
      </Dialog>
    </>
  )
}

function UploadForm({ onClose }: { onClose: () => void }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const [file, setFile] = useState<File>()
  const [sent, setSent] = useState(0)
  const upload = useMutation({
    mutationFn: async (chosen: File) => {
      setSent(0)
      const views = await viewsIn(chosen)
      let recorded = 0
      for (let at = 0; at < views.length; at += BATCH) {
        const body = { views: views.slice(at, at + BATCH) }
        recorded += (await send(economy, '/articles/views', { body, key: newKey() })).recorded
        setSent(Math.min(at + BATCH, views.length))
      }
      return { recorded, lines: views.length }
    },
    onSettled: async () => await queries.invalidateQueries({ queryKey: [economy] }),
  })
  const why = file ? undefined : 'Choose a file.'
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (why === undefined && file && !upload.isPending) upload.mutate(file)
      }}
    >
      <p>Once a week is over, its views set the demand of the articles that staff have set none for.</p>
      <TextField
        label="File"
        hint="CSV with the columns article, date (2026-08-24) and views."
        type="file"
        accept=".csv,text/csv"
        onChange={({ target }) => setFile(target.files?.[0])}
      />
      {upload.isPending && (
        <p role="status" className="text-sm text-muted">
          {sent} figures are sent.
        </p>
      )}
      {upload.data && (
        <Notice tone="good">
          {upload.data.recorded} of {upload.data.lines} figures are new.
        </Notice>
      )}
      {upload.error && (
        <Notice tone="danger">
          {sentenceOf(upload.error)} {sent > 0 && `The first ${sent} figures are recorded.`}
        </Notice>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" look="primary" busy={upload.isPending} disabledReason={why}>
          Record the views
        </Button>
      </div>
    </form>
  )
}

/** As many figures as the server takes at once. */
const BATCH = 1_000
const FILE_BYTES_MAX = 20_000_000
const COLUMNS = ['article', 'date', 'views'] as const

/** The parser is fetched when somebody has a file for it. */
async function viewsIn(file: File): Promise<Views> {
  if (file.size > FILE_BYTES_MAX) {
    throw new BrowserRefusal('The file is larger than 20 MB. Bring it in with florin import views.')
  }
  const { default: papa } = await import('papaparse')
  const { data, errors, meta } = papa.parse<Record<string, string>>((await file.text()).replace(/^\uFEFF/, ''), {
    header: true,
    skipEmptyLines: 'greedy',
    transformHeader: (name) => name.trim().toLowerCase(),
  })
  const missing = COLUMNS.filter((name) => !meta.fields?.includes(name))
  if (missing.length > 0) throw new BrowserRefusal(`The first line does not name the columns ${missing.join(', ')}.`)
  const broken = errors[0]
  if (broken)
    throw new BrowserRefusal(`Line ${(broken.row ?? 0) + 2} is not CSV as the first line says: ${broken.message}.`)
  if (data.length === 0) throw new BrowserRefusal('There is no line below the heading.')
  return data.map(({ article = '', date = '', views = '' }, at) => {
    if (!/^\d{1,13}$/.test(views)) throw new BrowserRefusal(`Line ${at + 2}: views must be a whole number.`)
    return { article, date, views: Number(views) }
  })
}
