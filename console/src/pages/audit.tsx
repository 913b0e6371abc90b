import type { Item } from '../api/client.ts'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Empty } from '../ui/surfaces.tsx'

type Event = Item<'/audit'>

const columns: readonly Column<Event>[] = [
  { header: 'When', cell: ({ at }) => <Moment at={at} />, csv: ({ at }) => at },
  { header: 'What', cell: (event) => <What event={event} />, csv: ({ action }) => action },
  {
    header: 'Subject',
    wide: true,
    cell: ({ subject }) => <span className="break-all">{subject}</span>,
    csv: ({ subject }) => subject,
  },
  {
    header: 'By',
    wide: true,
    cell: ({ actor }) => <span className="break-all">{actor ?? 'erased'}</span>,
    csv: ({ actor }) => actor ?? '',
  },
  { header: 'Change', wide: true, cell: ({ diff }) => <Diff diff={diff} />, csv: ({ diff }) => JSON.stringify(diff) },
]

export function AuditPage() {
  return (
    <Page
      title="Audit"
      note="Who did what to whom, newest first. Nothing can be taken out: every event is sealed in the log."
    >
      <List
        label="Audit"
        path="/audit"
        columns={columns}
        rowKey={({ id }) => id}
        filters={[
          { name: 'action', label: 'Action' },
          { name: 'subject', label: 'Subject' },
          { name: 'actor', label: 'By' },
        ]}
        empty={<Empty title="No events yet" />}
      />
    </Page>
  )
}

function What({ event: { action, subject } }: { event: Event }) {
  return (
    <span>
      {words(action)}
      <span className="block text-xs break-all text-muted md:hidden">{subject}</span>
    </span>
  )
}

function Diff({ diff }: { diff: unknown }) {
  if (diff === null || diff === undefined) return '–'
  const text = JSON.stringify(diff, null, 1)
  return (
    <details>
      <summary className="text-accent">Show</summary>
      <pre className="mt-1 max-w-sm font-mono text-xs break-all whitespace-pre-wrap">{text}</pre>
    </details>
  )
}
