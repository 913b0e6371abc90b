import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { type Column, Table } from '../components/table.tsx'
import { WebhookHealth } from '../components/webhook-health.tsx'
import { paths } from '../paths.ts'
import { Count, Moment } from '../ui/figures.tsx'
import { Card, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Webhook = Item<'/webhooks'>

const columns: readonly Column<Webhook>[] = [
  { header: 'Address', cell: (webhook) => <Address webhook={webhook} /> },
  { header: 'Health', cell: (webhook) => <WebhookHealth webhook={webhook} /> },
  { header: 'Events', wide: true, cell: ({ types }) => <span className="break-all">{types.join(', ')}</span> },
  { header: 'Waiting', figures: true, wide: true, cell: ({ pending }) => <Count value={pending} /> },
  {
    header: 'Last delivered',
    wide: true,
    cell: ({ delivered_at }) => (delivered_at ? <Moment at={delivered_at} /> : 'Nothing yet'),
  },
]

const FOLLOWED_MS = 5_000

export function WebhooksPage() {
  const economy = useEconomy()
  const refusal = useRefusal('webhooks.manage')
  const webhooks = useQuery({ ...read(economy, '/webhooks'), refetchInterval: FOLLOWED_MS })
  return (
    <Page
      title="Webhooks"
      note="Other servers that are told of what happens here, signed and in order."
      actions={refusal === undefined && <TextLink to={paths.page(economy, 'newWebhook')}>New webhook</TextLink>}
    >
      <Loaded from={webhooks}>
        {({ data }) => (
          <Card>
            {data.length === 0 ? (
              <Empty title="Nobody is told yet">
                Make a webhook with the address of a server of yours. It is then sent every event of the types that you
                choose.
              </Empty>
            ) : (
              <div className="-m-4">
                <Table label="Webhooks" columns={columns} rows={data} rowKey={({ id }) => id} />
              </div>
            )}
          </Card>
        )}
      </Loaded>
    </Page>
  )
}

function Address({ webhook: { id, url, description } }: { webhook: Webhook }) {
  return (
    <span className="break-all">
      <TextLink to={paths.webhook(useEconomy(), id)}>{url}</TextLink>
      {description && <span className="block text-xs text-muted">{description}</span>}
    </span>
  )
}
