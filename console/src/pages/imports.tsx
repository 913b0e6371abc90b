import type { Item } from '../api/client.ts'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { Count, Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Empty } from '../ui/surfaces.tsx'

type Import = Item<'/imports'>

const TONES = { reading: 'warning', completed: 'good', rolled_back: 'plain' } as const

const columns: readonly Column<Import>[] = [
  { header: 'File', cell: ({ file }) => <span className="break-all">{file}</span>, csv: ({ file }) => file },
  { header: 'Status', cell: (row) => <Status row={row} />, csv: ({ status }) => status },
  { header: 'Lines', figures: true, cell: ({ lines }) => <Count value={lines} />, csv: ({ lines }) => String(lines) },
  {
    header: 'Refused',
    figures: true,
    wide: true,
    cell: ({ refused }) => <Count value={refused} />,
    csv: ({ refused }) => String(refused),
  },
  {
    header: 'Contributions',
    figures: true,
    wide: true,
    cell: ({ contributions }) => <Count value={contributions} />,
    csv: ({ contributions }) => String(contributions),
  },
  {
    header: 'Started',
    wide: true,
    cell: ({ started_at }) => <Moment at={started_at} />,
    csv: ({ started_at }) => started_at,
  },
]

export function ImportsPage() {
  return (
    <Page title="Imports" note="What was brought in from files, and how far it is.">
      <List
        label="Imports"
        path="/imports"
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <Empty title="Nothing was imported yet">
            Bring in what there is with <code className="font-mono">florin import</code>.
          </Empty>
        }
      />
    </Page>
  )
}

function Status({ row: { status, done, total } }: { row: Import }) {
  if (status !== 'reading' || total === null) return <Badge tone={TONES[status]}>{words(status)}</Badge>
  return (
    <span className="flex items-center gap-2">
      <progress aria-label="Read so far" max={total} value={done} className="h-1.5 w-24 accent-accent" />
      <span className="figures text-xs text-muted">{Math.floor((done * 100) / Math.max(total, 1))} %</span>
    </span>
  )
}
