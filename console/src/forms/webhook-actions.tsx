import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { type Item, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { paths } from '../paths.ts'
import { TextField } from '../ui/field.tsx'

type Webhook = Item<'/webhooks'>

/** What can be done to a webhook, as its status lets it. `onSecret` is given the new one, which is not shown again. */
export function WebhookActions({ webhook, onSecret }: { webhook: Webhook; onSecret: (secret: string) => void }) {
  return (
    <>
      {webhook.status === 'active' ? <Disable webhook={webhook} /> : <Enable webhook={webhook} />}
      <Replay webhook={webhook} />
      <RotateSecret webhook={webhook} onSecret={onSecret} />
      <Delete webhook={webhook} />
    </>
  )
}

function Disable({ webhook: { id } }: { webhook: Webhook }) {
  const economy = useEconomy()
  const [reason, setReason] = useState('')
  return (
    <Confirm
      label="Disable"
      look="plain"
      title="Disable this webhook?"
      confirm="Disable it"
      confirmLook="primary"
      keep="Not now"
      disabledReason={useRefusal('webhooks.manage')}
      act={async (key) => {
        const body = reason === '' ? {} : { reason }
        return await send(economy, '/webhooks/{id}/disable', { path: { id }, body, key })
      }}
    >
      <p>Nothing is sent until it is enabled again. It then goes on from where it stopped, and nothing is lost.</p>
      <TextField
        label="Reason"
        hint="Whoever looks at it reads why."
        maxLength={200}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
      />
    </Confirm>
  )
}

function Enable({ webhook: { id } }: { webhook: Webhook }) {
  const economy = useEconomy()
  return (
    <Confirm
      label="Enable"
      title="Enable this webhook?"
      confirm="Enable it"
      keep="Not now"
      look="primary"
      confirmLook="primary"
      disabledReason={useRefusal('webhooks.manage')}
      act={async (key) => await send(economy, '/webhooks/{id}/enable', { path: { id }, key })}
    >
      <p>What happened meanwhile is sent first, in order.</p>
    </Confirm>
  )
}

/** Everything since a time, or the one event at a position of the log. */
function Replay({ webhook: { id, status } }: { webhook: Webhook }) {
  const economy = useEconomy()
  const refusal = useRefusal('webhooks.manage')
  const [since, setSince] = useState('')
  const [position, setPosition] = useState('')
  const act = async (key: string) => {
    if (position !== '') {
      return await send(economy, '/webhooks/{id}/deliveries/{position}/replay', { path: { id, position }, key })
    }
    const body = { since: `${since}:00Z` }
    return await send(economy, '/webhooks/{id}/replay', { path: { id }, body, key })
  }
  return (
    <Confirm
      label="Replay"
      look="plain"
      title="Send events again"
      confirm="Send them again"
      confirmLook="primary"
      keep="Not now"
      disabledReason={refusal ?? (status === 'disabled' ? 'Enable the webhook first.' : undefined)}
      notYet={(since === '') === (position === '') ? 'Say either since when, or the position of one event.' : undefined}
      act={act}
    >
      <p>They are sent with the ids that they had, so a receiver that remembers ids does nothing twice.</p>
      <TextField
        label="Everything since"
        hint="In UTC."
        type="datetime-local"
        value={since}
        onChange={({ target }) => setSince(target.value)}
      />
      <TextField
        label="Or only the event at this position of the log"
        inputMode="numeric"
        pattern="\d{1,18}"
        value={position}
        onChange={({ target }) => setPosition(target.value.trim())}
      />
    </Confirm>
  )
}

function RotateSecret({ webhook: { id }, onSecret }: { webhook: Webhook; onSecret: (secret: string) => void }) {
  const economy = useEconomy()
  return (
    <Confirm
      label="Change the secret"
      look="plain"
      title="Change the secret?"
      confirm="Make a new secret"
      confirmLook="primary"
      keep="Keep the old one"
      disabledReason={useRefusal('webhooks.manage')}
      act={async (key) => await send(economy, '/webhooks/{id}/rotate-secret', { path: { id }, key })}
      onDone={({ secret }) => onSecret(secret)}
    >
      <p>For a day messages are signed with both, the old and the new one, so that the receiver can change over.</p>
    </Confirm>
  )
}

function Delete({ webhook: { id, url, pending } }: { webhook: Webhook }) {
  const economy = useEconomy()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const host = new URL(url).host
  return (
    <Confirm
      label="Delete"
      title="Delete this webhook?"
      confirm="Delete it for good"
      look="danger"
      disabledReason={useRefusal('webhooks.manage')}
      notYet={name === host ? undefined : `Write ${host} to confirm.`}
      act={async (key) => await send(economy, '/webhooks/{id}/delete', { path: { id }, key })}
      onOpen={() => setName('')}
      onDone={async () => await navigate(paths.page(economy, 'webhooks'))}
    >
      <p>
        Nothing more is sent{pending > 0 && `, the ${pending} messages that wait included`}, and there is no way back.
        To stop it for a while, disable it instead.
      </p>
      <TextField
        label={`To confirm, write ${host}`}
        autoComplete="off"
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
    </Confirm>
  )
}
