import { type Item, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { InviteForm } from '../forms/invitation-new.tsx'
import { paths } from '../paths.ts'
import { Day } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Invitation = Item<'/people/invitations'>

const columns: readonly Column<Invitation>[] = [
  { header: 'For whom', cell: ({ note }) => <span className="break-words">{note}</span>, csv: ({ note }) => note },
  { header: 'Role', cell: ({ role }) => words(role), csv: ({ role }) => role },
  {
    header: 'Made',
    wide: true,
    cell: ({ created_at }) => <Day at={created_at} />,
    csv: ({ created_at }) => created_at,
  },
  {
    header: 'Ends',
    wide: true,
    cell: ({ expires_at }) => <Day at={expires_at} />,
    csv: ({ expires_at }) => expires_at,
  },
  { header: 'Standing', cell: (invitation) => <Badge>{standingOf(invitation)}</Badge>, csv: standingOf },
  { header: 'Take it back', action: true, cell: (invitation) => <Revoke invitation={invitation} /> },
]

export function InvitationsPage() {
  const economy = useEconomy()
  return (
    <Page title="Invitations" note={<TextLink to={paths.page(economy, 'people')}>People</TextLink>}>
      <InviteForm />
      <List
        label="Invitations"
        path="/people/invitations"
        columns={columns}
        rowKey={({ id }) => id}
        empty={<Empty title="Nobody is invited">An invitation makes whoever accepts it be of staff.</Empty>}
      />
    </Page>
  )
}

function standingOf({ accepted_at, revoked_at, expires_at }: Invitation): string {
  if (accepted_at) return 'Accepted'
  if (revoked_at) return 'Taken back'
  return Date.parse(expires_at) <= Date.now() ? 'Expired' : 'Open'
}

function Revoke({ invitation }: { invitation: Invitation }) {
  const economy = useEconomy()
  const refusal = useRefusal('people.set_role')
  const standing = standingOf(invitation)
  return (
    <Confirm
      label="Take back"
      title="Take this invitation back?"
      confirm="Take it back"
      disabledReason={refusal ?? (standing === 'Open' ? undefined : `It is over: ${standing.toLowerCase()}.`)}
      act={async (key) => await send(economy, '/people/invitations/{id}/revoke', { path: { id: invitation.id }, key })}
    >
      <p>Its code makes nobody of staff any more: {invitation.note}.</p>
    </Confirm>
  )
}
