import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { send, type SendBody } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { ShownOnce } from '../components/shown-once.tsx'
import { Button } from '../ui/button.tsx'
import { CheckboxField, SelectField, TextField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

type Scope = SendBody<'/me/keys'>['scopes'][number]

export function NewPersonalKey() {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('me.manage_keys')
  const { key, settled } = useIdempotencyKey()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<readonly Scope[]>(['read'])
  const [days, setDays] = useState('90')
  const make = useMutation({
    mutationFn: async () => {
      const expires = days === FOREVER ? {} : { expires_at: inDays(days) }
      return await send(economy, '/me/keys', { body: { name, scopes: [...scopes], ...expires }, key })
    },
    onSettled: async (_, error) => {
      settled(error)
      if (!error) setName('')
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  const why = refusal ?? (scopes.length === 0 ? 'Allow it one thing at least.' : undefined)
  return (
    <Card title="New key">
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (why === undefined) make.mutate()
        }}
      >
        <div className="grid items-start gap-3 sm:grid-cols-[1fr_12rem]">
          <TextField
            label="Name"
            required
            maxLength={100}
            autoComplete="off"
            placeholder="What it is for"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <SelectField label="Good for" value={days} options={LIVES} onChange={({ target }) => setDays(target.value)} />
        </div>
        <fieldset className="space-y-2">
          <legend className="mb-1 text-sm font-medium">It may</legend>
          {SCOPES.map(([scope, what]) => (
            <CheckboxField
              key={scope}
              label={what}
              checked={scopes.includes(scope)}
              onChange={({ target }) =>
                setScopes(target.checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))
              }
            />
          ))}
        </fieldset>
        <Button type="submit" look="primary" busy={make.isPending} disabledReason={why}>
          Make a key
        </Button>
      </form>
      <div className="mt-3 space-y-3 empty:hidden">
        {make.error && <Notice tone="danger">{sentenceOf(make.error)}</Notice>}
        {make.data && <ShownOnce secret={make.data.key} />}
      </div>
    </Card>
  )
}

const SCOPES: readonly (readonly [Scope, string])[] = [
  ['read', 'read what you may see'],
  ['transfer', 'send tokens of yours to others'],
  ['stake', 'stake, and end stakes'],
  ['vote', 'propose, and vote'],
]

const FOREVER = 'forever'

const LIVES = [
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'a year'],
  [FOREVER, 'until revoked'],
] as const

function inDays(days: string): string {
  const end = new Date()
  end.setUTCDate(end.getUTCDate() + Number(days))
  return end.toISOString()
}
