import { useQuery } from '@tanstack/react-query'

import { type Answer, read, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useNames, useRefusal } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { paths } from '../paths.ts'
import { Count, Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Card, Empty, Fact, Facts } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { DELIVERY_TONES } from './webhook.tsx'

type Delivery = Answer<'/webhooks/{id}/deliveries/{position}'>

const FOLLOWED_MS = 2_000

export function DeliveryPage() {
  const economy = useEconomy()
  const { id, position } = useNames<'id' | 'position'>()
  const refusal = useRefusal('webhooks.manage')
  const webhook = useQuery(read(economy, '/webhooks/{id}', { path: { id } }))
  const delivery = useQuery({
    ...read(economy, '/webhooks/{id}/deliveries/{position}', { path: { id, position } }),
    refetchInterval: ({ state }) => (state.data?.status === 'pending' ? FOLLOWED_MS : false),
  })
  return (
    <Page
      title={`Event ${position}`}
      note={
        <>
          <TextLink to={paths.page(economy, 'webhooks')}>Webhooks</TextLink>
          {' / '}
          <TextLink to={paths.webhook(economy, id)}>
            {webhook.data ? new URL(webhook.data.url).host : 'webhook'}
          </TextLink>
        </>
      }
      actions={
        <Confirm
          label="Send it again"
          look="plain"
          title="Send this event again?"
          confirm="Send it again"
          confirmLook="primary"
          keep="Not now"
          disabledReason={refusal ?? (webhook.data?.status === 'disabled' ? 'Enable the webhook first.' : undefined)}
          act={async (key) =>
            await send(economy, '/webhooks/{id}/deliveries/{position}/replay', { path: { id, position }, key })
          }
        >
          <p>It keeps its id, so a receiver that remembers ids does nothing twice.</p>
        </Confirm>
      }
    >
      <Loaded from={delivery}>
        {(found) => (
          <>
            <Standing delivery={found} />
            <Attempts delivery={found} />
            <Request delivery={found} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Standing({ delivery: { type, subject, status, due_at, queued_at, closed_at } }: { delivery: Delivery }) {
  return (
    <Card title={type} actions={<Badge tone={DELIVERY_TONES[status]}>{words(status)}</Badge>}>
      <Facts>
        <Fact name="Subject" wide>
          {subject}
        </Fact>
        <Fact name="Queued">
          <Moment at={queued_at} />
        </Fact>
        <Fact name={status === 'pending' ? 'Sent next' : 'Closed'}>
          {status !== 'pending' && closed_at && <Moment at={closed_at} />}
          {status === 'pending' && (due_at ? <Moment at={due_at} /> : 'After the earlier event of its subject')}
        </Fact>
      </Facts>
    </Card>
  )
}

function Attempts({ delivery: { attempted, attempts } }: { delivery: Delivery }) {
  return (
    <Card
      title="Attempts"
      note={attempted.length < attempts ? `The last ${attempted.length} of ${attempts}` : 'The newest first.'}
    >
      {attempted.length === 0 ? (
        <Empty title="It was not sent yet" />
      ) : (
        <ol className="-my-2 divide-y divide-line">
          {attempted.map(({ no, at, duration_ms, http_status, error, response }) => (
            <li key={`${no} ${at}`} className="space-y-1 py-3">
              <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <Badge tone={http_status !== null && http_status < 300 ? 'good' : 'danger'}>
                  {http_status === null ? `No answer: ${error ?? 'unknown'}` : `Answered ${http_status}`}
                </Badge>
                <Moment at={at} />
                <span className="text-sm text-muted">
                  attempt {no}, <Count value={duration_ms} /> ms
                </span>
              </div>
              {response && <Text label={`Answer to attempt ${no}`}>{response}</Text>}
            </li>
          ))}
        </ol>
      )}
    </Card>
  )
}

/** The body is always the same; time and signature are made for each attempt. */
function Request({ delivery: { message } }: { delivery: Delivery }) {
  const id = typeof message === 'object' && message !== null && 'id' in message ? String(message.id) : undefined
  return (
    <Card title="Request" note="The same in every attempt, but for the time and the signature.">
      <Text label="Headers">
        {`webhook-id: evt_${id ?? '…'}\nwebhook-timestamp: <seconds of the attempt>\nwebhook-signature: v1,<HMAC-SHA256 of id.timestamp.body>`}
      </Text>
      <div className="mt-3">
        <Text label="Body">{JSON.stringify(message, null, 2)}</Text>
      </div>
    </Card>
  )
}

function Text({ label, children }: { label: string; children: string }) {
  return (
    <pre
      tabIndex={0}
      role="region"
      aria-label={label}
      className="max-h-96 overflow-auto rounded-md bg-raised p-3 font-mono text-xs"
    >
      {children}
    </pre>
  )
}
