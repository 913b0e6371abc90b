import type { Item } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import { SaveAudit } from '../components/save-audit.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Event = Item<'/audit'>

const columns: readonly Column<Event>[] = [
  { header: 'When', cell: ({ at }) => <Moment at={at} /> },
  { header: 'What', cell: (event) => <What event={event} /> },
  { header: 'To what', wide: true, cell: ({ subject }) => <span className="break-all">{subject}</span> },
  { header: 'By', wide: true, cell: ({ actor }) => <span className="break-all">{actor ?? 'erased'}</span> },
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
          { name: 'action', label: 'Action, or key.*' },
          { name: 'subject', label: 'To what' },
          { name: 'actor', label: 'By' },
          { name: 'from', label: 'From', day: 'first' },
          { name: 'until', label: 'To', day: 'last' },
        ]}
        empty={<Empty title="No events yet" />}
        saves={(query) => <SaveAudit query={query} />}
      />
    </Page>
  )
}

function What({ event: { id, action, subject } }: { event: Event }) {
  return (
    <span>
      <TextLink to={paths.auditEvent(useEconomy(), id)}>{words(action)}</TextLink>
      <span className="block text-xs break-all text-muted md:hidden">{subject}</span>
    </span>
  )
}
