import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { type Item, read } from '../api/client.ts'
import { useEconomy, useNames } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { SecretOnce } from '../components/secret-once.tsx'
import type { Column } from '../components/table.tsx'
import { WebhookHealth } from '../components/webhook-health.tsx'
import { WebhookActions } from '../forms/webhook-actions.tsx'
import { paths } from '../paths.ts'
import { Count, Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Card, Empty, Fact, Facts, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Webhook = Item<'/webhooks'>
type Delivery = Item<'/webhooks/{id}/deliveries'>

export const DELIVERY_TONES = { pending: 'warning', delivered: 'good', failed: 'danger' } as const

const columns: readonly Column<Delivery>[] = [
  { header: 'Event', cell: (row) => <Event row={row} />, csv: ({ position }) => position },
  { header: 'Type', cell: ({ type }) => <span className="break-all">{type}</span>, csv: ({ type }) => type },
  {
    header: 'State',
    cell: ({ status }) => <Badge tone={DELIVERY_TONES[status]}>{words(status)}</Badge>,
    csv: ({ status }) => status,
  },
  {
    header: 'Subject',
    wide: true,
    cell: ({ subject }) => <span className="break-all">{subject}</span>,
    csv: ({ subject }) => subject,
  },
  {
    header: 'Attempts',
    figures: true,
    wide: true,
    cell: ({ attempts }) => attempts,
    csv: ({ attempts }) => String(attempts),
  },
  {
    header: 'Queued',
    wide: true,
    cell: ({ queued_at }) => <Moment at={queued_at} />,
    csv: ({ queued_at }) => queued_at,
  },
]

const FOLLOWED_MS = 2_000

export function WebhookPage() {
  const economy = useEconomy()
  const { id } = useNames<'id'>()
  const [secret, setSecret] = useState<string>()
  const webhook = useQuery({ ...read(economy, '/webhooks/{id}', { path: { id } }), refetchInterval: FOLLOWED_MS })
  const { data: found } = webhook
  return (
    <Page
      title={found ? new URL(found.url).host : 'Webhook'}
      note={<TextLink to={paths.page(economy, 'webhooks')}>Webhooks</TextLink>}
      actions={found && <WebhookActions webhook={found} onSecret={setSecret} />}
    >
      {secret && <SecretOnce secret={secret} />}
      <Loaded from={webhook}>{(loaded) => <About webhook={loaded} />}</Loaded>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">Deliveries</h2>
        <List
          label="Deliveries"
          path="/webhooks/{id}/deliveries"
          names={{ id }}
          columns={columns}
          rowKey={({ position }) => position}
          // While something waits, the list follows what becomes of it.
          followed_ms={found && found.pending > 0 ? FOLLOWED_MS : undefined}
          filters={[
            {
              name: 'status',
              label: 'State',
              options: [
                ['', 'Every state'],
                ...Object.keys(DELIVERY_TONES).map((status) => [status, words(status)] as const),
              ],
            },
          ]}
          empty={
            <Empty title="Nothing was sent yet">
              The next event of its types shows here, or replay what happened before.
            </Empty>
          }
        />
      </section>
    </Page>
  )
}

function About({ webhook }: { webhook: Webhook }) {
  return (
    <>
      {webhook.status === 'disabled' && (
        <Notice tone="warning" title="Disabled: nothing is sent">
          {webhook.disabled_reason ?? 'No reason was given.'}
        </Notice>
      )}
      {webhook.old_secret_until && (
        <Notice>
          Until <Moment at={webhook.old_secret_until} /> messages are signed with the old secret, too.
        </Notice>
      )}
      <Card title="About it" actions={<WebhookHealth webhook={webhook} />}>
        <Facts>
          <Fact name="Address" wide>
            <span className="break-all">{webhook.url}</span>
          </Fact>
          {webhook.description && (
            <Fact name="What it is for" wide>
              {webhook.description}
            </Fact>
          )}
          <Fact name="Event types">{webhook.types.join(', ')}</Fact>
          <Fact name="Last delivered">
            {webhook.delivered_at ? <Moment at={webhook.delivered_at} /> : 'Nothing yet'}
          </Fact>
          <Fact name="Waiting">
            <Count value={webhook.pending} />, of these <Count value={webhook.retrying} /> refused before
          </Fact>
          <Fact name="Given up in the last 30 days">
            <Count value={webhook.failed} />
          </Fact>
          <Fact name="Queued before position">
            <Count value={webhook.position} />
          </Fact>
          <Fact name="Made">
            <Moment at={webhook.created_at} />
          </Fact>
        </Facts>
      </Card>
    </>
  )
}

function Event({ row: { position } }: { row: Delivery }) {
  const { id } = useNames<'id'>()
  return <TextLink to={paths.delivery(useEconomy(), id, position)}>{position}</TextLink>
}
