import type { Item } from '../api/client.ts'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { NewKey } from '../forms/key-new.tsx'
import { RevokeKey } from '../forms/key-revoke.tsx'
import { Day } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Empty } from '../ui/surfaces.tsx'

type Key = Item<'/keys'>

const columns: readonly Column<Key>[] = [
  { header: 'Name', cell: ({ name }) => name, csv: ({ name }) => name },
  { header: 'Role', cell: ({ role }) => words(role), csv: ({ role }) => role },
  {
    header: 'Key',
    wide: true,
    cell: ({ hint }) => <span className="font-mono text-[0.92em]">{hint}</span>,
    csv: ({ hint }) => hint,
  },
  {
    header: 'Made',
    wide: true,
    cell: ({ created_at }) => <Day at={created_at} />,
    csv: ({ created_at }) => created_at,
  },
  {
    header: 'Standing',
    cell: (key) => (key.revoked_at ? <Badge>Revoked</Badge> : <RevokeKey id={key.id} name={key.name} />),
    csv: ({ revoked_at }) => (revoked_at ? 'revoked' : 'in force'),
  },
]

export function KeysPage() {
  return (
    <Page title="API keys" note="Keys of staff and of programs. A key is shown once, when it is made.">
      <NewKey />
      <List
        label="API keys"
        path="/keys"
        columns={columns}
        rowKey={({ id }) => id}
        empty={<Empty title="There are no keys" />}
      />
    </Page>
  )
}
