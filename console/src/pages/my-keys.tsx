import type { Item } from '../api/client.ts'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { RevokeKey } from '../forms/key-revoke.tsx'
import { NewPersonalKey } from '../forms/personal-key-new.tsx'
import { Day } from '../ui/figures.tsx'
import { Badge, Empty } from '../ui/surfaces.tsx'

type Key = Item<'/me/keys'>

const columns: readonly Column<Key>[] = [
  {
    header: 'Name',
    cell: ({ name, hint }) => (
      <span className="break-words">
        {name} <span className="block font-mono text-xs text-muted">{hint}…</span>
      </span>
    ),
    csv: ({ name }) => name,
  },
  { header: 'May', cell: ({ scopes }) => scopes.join(', '), csv: ({ scopes }) => scopes.join(' ') },
  {
    header: 'Made',
    wide: true,
    cell: ({ created_at }) => <Day at={created_at} />,
    csv: ({ created_at }) => created_at,
  },
  {
    header: 'Until',
    wide: true,
    cell: ({ expires_at }) => (expires_at ? <Day at={expires_at} /> : 'it is revoked'),
    csv: ({ expires_at }) => expires_at ?? '',
  },
  {
    header: 'Standing',
    cell: (key) => <Standing of={key} />,
    csv: ({ revoked_at }) => (revoked_at ? 'revoked' : 'in force'),
  },
]

/** What acts for me: programs, and for a while staff who read as me. */
export function MyKeysPage() {
  return (
    <Page
      title="My keys"
      note="With a key of yours a program acts for you, within what you allow it. It never acts as staff."
    >
      <NewPersonalKey />
      <List
        label="My keys"
        path="/me/keys"
        columns={columns}
        rowKey={({ id }) => id}
        empty={<Empty title="You have no keys">Make one for a program that is to read or act for you.</Empty>}
      />
    </Page>
  )
}

function Standing({ of: { id, name, revoked_at, expires_at } }: { of: Key }) {
  if (revoked_at) return <Badge>Revoked</Badge>
  if (expires_at && Date.parse(expires_at) <= Date.now()) return <Badge>Expired</Badge>
  return <RevokeKey id={id} name={name} own />
}
