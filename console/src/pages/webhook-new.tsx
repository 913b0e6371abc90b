import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Page } from '../components/page.tsx'
import { SecretOnce } from '../components/secret-once.tsx'
import { useIdempotencyKey } from '../forms/idempotency-key.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

/** What most receivers ask for; anything else is typed in. */
const USUAL = [
  ['*', 'Everything'],
  ['entry.posted.*', 'Every entry'],
  ['distribution.*', 'Distributions'],
  ['proposal.*', 'Proposals'],
  ['parameter.set', 'Parameters'],
] as const

export function NewWebhookPage() {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('webhooks.manage')
  const { key, settled } = useIdempotencyKey()
  const [url, setUrl] = useState('')
  const [types, setTypes] = useState('*')
  const [description, setDescription] = useState('')
  const make = useMutation({
    mutationFn: async () => {
      const body = { url, types: listed(types), ...(description !== '' && { description }) }
      return await send(economy, '/webhooks', { body, key })
    },
    onSettled: async (_, error) => {
      settled(error)
      await queries.invalidateQueries({ queryKey: [economy, '/webhooks'] })
    },
  })
  return (
    <Page title="New webhook" note={<TextLink to={paths.page(economy, 'webhooks')}>Webhooks</TextLink>}>
      {make.data ? (
        <Card title="It is made">
          <SecretOnce secret={make.data.secret}>
            The receiver verifies with it that a message is ours.{' '}
            <TextLink to={paths.webhook(economy, make.data.id)}>Go on to the webhook</TextLink>
          </SecretOnce>
        </Card>
      ) : (
        <Card>
          <form
            className="max-w-lg space-y-4"
            onSubmit={(event) => {
              event.preventDefault()
              if (refusal === undefined) make.mutate()
            }}
          >
            <TextField
              label="Address"
              hint="With https, of a server that the internet reaches. It answers with 2xx within 20 seconds."
              placeholder="https://example.org/florin"
              type="url"
              required
              maxLength={2_000}
              value={url}
              onChange={({ target }) => setUrl(target.value.trim())}
            />
            <div>
              <TextField
                label="Event types"
                hint="Apart by commas: exact names, proposal.* for all that begin so, * for everything."
                required
                value={types}
                onChange={({ target }) => setTypes(target.value)}
              />
              <div className="mt-2 flex flex-wrap gap-1" role="group" aria-label="Usual types">
                {USUAL.map(([type, name]) => (
                  <Button key={type} look="quiet" aria-pressed={types === type} onClick={() => setTypes(type)}>
                    {name}
                  </Button>
                ))}
              </div>
            </div>
            <TextField
              label="What it is for"
              hint="For whoever looks at the list; may be left empty."
              maxLength={200}
              value={description}
              onChange={({ target }) => setDescription(target.value)}
            />
            {make.error && <Notice tone="danger">{sentenceOf(make.error)}</Notice>}
            <Button type="submit" look="primary" busy={make.isPending} disabledReason={refusal}>
              Make the webhook
            </Button>
          </form>
        </Card>
      )}
    </Page>
  )
}

function listed(types: string): string[] {
  return types.split(/[\s,]+/).filter((type) => type !== '')
}
