import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Button } from '../ui/button.tsx'
import { CONTROL, TextField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

/** Text stays text and a number a number, as the parameter is now; tables are edited as JSON. */
export function SetParameter({ name, value }: { name: string; value: unknown }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('parameters.set')
  const plain = typeof value === 'string'
  const { key, settled } = useIdempotencyKey()
  const [text, setText] = useState(plain ? value : JSON.stringify(value, null, 2))
  const [from, setFrom] = useState('')
  const change = useMutation({
    mutationFn: async () => {
      const given: unknown = plain ? text : parsed(text)
      const body = { value: given, ...(from && { in_force_from: `${from}T00:00:00Z` }) }
      return await send(economy, '/parameters/{name}', { path: { name }, body, key })
    },
    onSettled: async (_, error) => {
      settled(error)
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <Card title="Change it" note="What was already computed with the old value stays as it is.">
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (refusal === undefined) change.mutate()
        }}
      >
        {text.includes('\n') ? (
          <label className="block text-sm font-medium">
            New value
            <textarea
              className={`${CONTROL} mt-1 h-40 py-2 font-mono text-sm font-normal`}
              spellCheck={false}
              value={text}
              onChange={({ target }) => setText(target.value)}
            />
          </label>
        ) : (
          <TextField
            label="New value"
            required
            className="max-w-sm"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        )}
        <TextField
          label="In force from"
          hint="00:00 UTC of that day; at once when left empty."
          type="date"
          className="max-w-sm"
          value={from}
          onChange={({ target }) => setFrom(target.value)}
        />
        {change.error && (
          <Notice tone="danger">
            {change.error instanceof SyntaxError ? 'Write the value as JSON.' : sentenceOf(change.error)}
          </Notice>
        )}
        {change.data && <Notice tone="good">Changed. The history below has it.</Notice>}
        <Button type="submit" look="primary" busy={change.isPending} disabledReason={refusal}>
          Change the parameter
        </Button>
      </form>
    </Card>
  )
}

function parsed(text: string): unknown {
  return JSON.parse(text)
}
