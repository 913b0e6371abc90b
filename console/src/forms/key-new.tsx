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

export function NewKey() {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('keys.manage')
  const { key, settled } = useIdempotencyKey()
  const [name, setName] = useState('')
  const [role, setRole] = useState<StaffRole>('auditor')
  const make = useMutation({
    mutationFn: async () => await send(economy, '/keys', { body: { name, role }, key }),
    onSettled: async (_, error) => {
      settled(error)
      if (!error) setName('')
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <Card title="New key">
      <form
        className="grid items-start gap-3 sm:grid-cols-[1fr_16rem_auto]"
        onSubmit={(event) => {
          event.preventDefault()
          if (refusal === undefined) make.mutate()
        }}
      >
        <TextField
          label="Name"
          required
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <SelectField
          label="Role"
          value={role}
          options={ROLE_OPTIONS}
          onChange={({ target }) => setRole(target.value as StaffRole)}
        />
        <div className="sm:pt-6">
          <Button type="submit" look="primary" busy={make.isPending} disabledReason={refusal}>
            Make a key
          </Button>
        </div>
      </form>
      <div className="mt-3 space-y-3 empty:hidden">
        {make.error && <Notice tone="danger">{sentenceOf(make.error)}</Notice>}
        {make.data && <ShownOnce secret={make.data.key} />}
      </div>
    </Card>
  )
}
