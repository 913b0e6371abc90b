import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { ROLE_OPTIONS, type StaffRole } from '../components/roles.ts'
import { ShownOnce } from '../components/shown-once.tsx'
import { Button } from '../ui/button.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

export function InviteForm() {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('people.set_role')
  const { key, settled } = useIdempotencyKey()
  const [note, setNote] = useState('')
  const [role, setRole] = useState<StaffRole>('moderator')
  const invite = useMutation({
    mutationFn: async () => await send(economy, '/people/invitations', { body: { role, note }, key }),
    onSettled: async (_, error) => {
      settled(error)
      if (!error) setNote('')
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <Card title="Invite" note="Give the code to somebody who has an account here: they enter it within a week.">
      <form
        className="grid items-start gap-3 sm:grid-cols-[1fr_16rem_auto]"
        onSubmit={(event) => {
          event.preventDefault()
          if (refusal === undefined) invite.mutate()
        }}
      >
        <TextField
          label="For whom"
          required
          maxLength={200}
          autoComplete="off"
          value={note}
          onChange={({ target }) => setNote(target.value)}
        />
        <SelectField
          label="Role"
          value={role}
          options={ROLE_OPTIONS}
          onChange={({ target }) => setRole(target.value as StaffRole)}
        />
        <div className="sm:pt-6">
          <Button type="submit" look="primary" busy={invite.isPending} disabledReason={refusal}>
            Invite
          </Button>
        </div>
      </form>
      <div className="mt-3 space-y-3 empty:hidden">
        {invite.error && <Notice tone="danger">{sentenceOf(invite.error)}</Notice>}
        {invite.data && <ShownOnce secret={invite.data.code} />}
      </div>
    </Card>
  )
}
