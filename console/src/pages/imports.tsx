import type { Item } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { ImportProgress } from '../components/import-progress.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Count, Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Import = Item<'/imports'>

const TONES = { reading: 'warning', completed: 'good', rolled_back: 'plain' } as const

const columns: readonly Column<Import>[] = [
  { header: 'File', cell: (row) => <File row={row} />, csv: ({ file }) => file },
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

const FOLLOWED_MS = 5_000

export function ImportsPage() {
  return (
    <Page title="Imports" note="What was brought in from files, and how far it is.">
      <List
        label="Imports"
        path="/imports"
        columns={columns}
        rowKey={({ id }) => id}
        followed_ms={FOLLOWED_MS}
        empty={
          <Empty title="Nothing was imported yet">
            Bring in what there is with <code className="font-mono">florin import</code>.
          </Empty>
        }
      />
    </Page>
  )
}

function File({ row: { id, file } }: { row: Import }) {
  return (
    <span className="break-all">
      <TextLink to={paths.import(useEconomy(), id)}>{file}</TextLink>
    </span>
  )
}

function Status({ row }: { row: Import }) {
  if (row.status !== 'reading' || row.total === null) return <Badge tone={TONES[row.status]}>{words(row.status)}</Badge>
  return <ImportProgress of={row} />
}
