import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { type Answer, send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { beginReadingAs } from '../api/session.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

/** Reads as somebody for a quarter of an hour, with a reason that they and the audit trail see. */
export function Impersonate({ person: { id, username } }: { person: Answer<'/people/{id}'> }) {
  const economy = useEconomy()
  const navigate = useNavigate()
  const refusal = useRefusal('people.impersonate')
  const { key, settled } = useIdempotencyKey()
  const [reason, setReason] = useState('')
  const begin = useMutation({
    mutationFn: async () => {
      return await send(economy, '/people/{id}/impersonations', { path: { id }, body: { reason }, key })
    },
    onSettled: (_, error) => settled(error),
    onSuccess: async (reading) => {
      beginReadingAs(economy, reading)
      // Everything on the page was read as somebody else: begin anew.
      await navigate({ ...paths.page(economy, 'myAccount'), reloadDocument: true })
    },
  })
  return (
    <Card
      title={`Read as ${username}`}
      note="For a quarter of an hour you see what they see, and can change nothing. They see that you did, and the audit trail says why."
    >
      <form
        className="flex max-w-xl flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (refusal === undefined) begin.mutate()
        }}
      >
        <TextField
          className="min-w-48 flex-1"
          label="Reason"
          required
          maxLength={200}
          autoComplete="off"
          placeholder="Ticket 4711: a reward is missing"
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
        <Button type="submit" busy={begin.isPending} disabledReason={refusal}>
          Begin reading
        </Button>
      </form>
      {begin.error && (
        <div className="mt-3">
          <Notice tone="danger">{sentenceOf(begin.error)}</Notice>
        </div>
      )}
    </Card>
  )
}
