import type { Item } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Day } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Person = Item<'/people'>

const columns: readonly Column<Person>[] = [
  { header: 'Person', cell: (person) => <Name of={person} />, csv: ({ username }) => username },
  {
    header: 'Signs in',
    cell: ({ signs_in }) => (signs_in ? 'Yes' : <Badge>Imported, not claimed</Badge>),
    csv: ({ signs_in }) => (signs_in ? 'yes' : 'no'),
  },
  { header: 'Staff', cell: ({ role }) => (role ? words(role) : '–'), csv: ({ role }) => role ?? '' },
  { header: 'Joined', wide: true, cell: ({ joined_at }) => <Day at={joined_at} />, csv: ({ joined_at }) => joined_at },
]

export function PeoplePage() {
  const economy = useEconomy()
  return (
    <Page
      title="People"
      note="Everybody who takes part, imported or signed up."
      actions={<TextLink to={paths.page(economy, 'invitations')}>Invitations to staff</TextLink>}
    >
      <List
        label="People"
        path="/people"
        columns={columns}
        rowKey={({ id }) => id}
        filters={[
          { name: 'name', label: 'Name begins with' },
          { name: 'of_staff', label: 'Staff', options: STAFF },
          { name: 'signs_in', label: 'Sign-in', options: SIGN_IN },
        ]}
        empty={<Empty title="There is nobody yet">People sign up, or come with an import.</Empty>}
      />
    </Page>
  )
}

const STAFF = [
  ['', 'Members and staff'],
  ['true', 'Staff alone'],
  ['false', 'Members alone'],
] as const

const SIGN_IN = [
  ['', 'Signing in or not'],
  ['true', 'Who sign in'],
  ['false', 'Not claimed'],
] as const

function Name({ of: { id, username } }: { of: Person }) {
  return <TextLink to={paths.person(useEconomy(), id)}>{username}</TextLink>
}
