import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import Bowser from 'bowser'

import { type Item, read, remove } from '../api/client.ts'
import { paths } from '../paths.ts'
import { Moment } from '../ui/figures.tsx'
import { Badge, Card } from '../ui/surfaces.tsx'
import { Confirm } from './confirm.tsx'
import { useEconomy } from './economy.tsx'
import { Loaded } from './page.tsx'
import { type Column, Table } from './table.tsx'

type Session = Item<'/me/sessions'>

const columns: readonly Column<Session>[] = [
  {
    header: 'Device',
    cell: ({ device, current }) => (
      <span title={device ?? undefined}>
        {deviceName(device)} {current && <Badge tone="good">This one</Badge>}
      </span>
    ),
  },
  { header: 'From', wide: true, cell: ({ address }) => address ?? '–' },
  { header: 'Begun', wide: true, cell: ({ created_at }) => <Moment at={created_at} /> },
  { header: 'Last seen', cell: ({ last_seen_at }) => (last_seen_at ? <Moment at={last_seen_at} /> : '–') },
  { header: 'End it', action: true, cell: (session) => <EndSession session={session} /> },
]

/** Where somebody is signed in. */
export function Sessions() {
  const economy = useEconomy()
  const sessions = useQuery(read(economy, '/me/sessions'))
  return (
    <Loaded from={sessions}>
      {({ data }) => (
        <Card
          title="Sessions"
          note="A session that you end is dead at once, on every device."
          actions={<EndMany others={data.filter(({ current }) => !current).length} />}
        >
          <div className="-mx-4 -mb-4">
            <Table label="Sessions" columns={columns} rows={data} rowKey={({ id }) => id} />
          </div>
        </Card>
      )}
    </Loaded>
  )
}

/** What a browser calls itself, as people call it. */
function deviceName(agent: string | null): string {
  if (agent === null) return 'Unknown device'
  const { browser, os } = Bowser.parse(agent)
  if (!browser.name) return agent
  return os.name ? `${browser.name} on ${os.name}` : browser.name
}

function EndSession({ session: { id, device, current } }: { session: Session }) {
  const economy = useEconomy()
  return (
    <Confirm
      label="End"
      title="End this session?"
      confirm="End it"
      disabledReason={current ? 'This is where you are: sign out instead.' : undefined}
      act={async () => await remove(economy, '/me/sessions/{id}', { id })}
    >
      <p>Whoever uses {deviceName(device)} must sign in again.</p>
    </Confirm>
  )
}

function EndMany({ others }: { others: number }) {
  const economy = useEconomy()
  const navigate = useNavigate()
  return (
    <div className="flex flex-wrap gap-1">
      <Confirm
        label="End all others"
        title="End all other sessions?"
        confirm="End them"
        disabledReason={others === 0 ? 'There are no others.' : undefined}
        act={async () => await remove(economy, '/me/sessions', {}, { others_only: 'true' })}
      >
        <p>You stay signed in here, and nowhere else.</p>
      </Confirm>
      <Confirm
        label="End all"
        title="End all sessions, this one too?"
        confirm="End them all"
        act={async () => {
          await remove(economy, '/me/sessions', {})
          await navigate(paths.signIn(economy))
        }}
      >
        <p>You must sign in again, here too.</p>
      </Confirm>
    </div>
  )
}
