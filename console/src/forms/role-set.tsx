import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type Answer, send, type SendBody } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { ROLE_OPTIONS, type StaffRole } from '../components/roles.ts'
import { Button } from '../ui/button.tsx'
import { SelectField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { newKey } from './idempotency-key.ts'

/** Makes somebody of staff, something else of staff, or a member again. */
export function SetRole({ person: { id, username, role } }: { person: Answer<'/people/{id}'> }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('people.set_role')
  const [chosen, setChosen] = useState<string>(role ?? MEMBER)
  const set = useMutation({
    mutationFn: async () => {
      const body: SendBody<'/people/{id}/roles'> = { role: chosen === MEMBER ? null : (chosen as StaffRole) }
      return await send(economy, '/people/{id}/roles', { path: { id }, body, key: newKey() })
    },
    onSettled: async () => await queries.invalidateQueries({ queryKey: [economy] }),
  })
  const unchanged = chosen === (role ?? MEMBER) ? `${username} is that already.` : undefined
  return (
    <Card title="Role" note="It holds from the next request on, and is written into the audit trail.">
      <form
        className="flex max-w-md flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if ((refusal ?? unchanged) === undefined) set.mutate()
        }}
      >
        <div className="min-w-48 flex-1">
          <SelectField
            label="Acts as"
            value={chosen}
            options={[[MEMBER, 'Member'], ...ROLE_OPTIONS]}
            onChange={({ target }) => setChosen(target.value)}
          />
        </div>
        <Button type="submit" busy={set.isPending} disabledReason={refusal ?? unchanged}>
          Set the role
        </Button>
      </form>
      {set.error && (
        <div className="mt-3">
          <Notice tone="danger">{sentenceOf(set.error)}</Notice>
        </div>
      )}
    </Card>
  )
}

const MEMBER = 'member'
