import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { auth, authRead } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy } from '../components/economy.tsx'
import { Loaded } from '../components/page.tsx'
import { addPasskey, HAS_PASSKEYS } from '../components/passkey.ts'
import { type Column, Table } from '../components/table.tsx'
import { Button } from '../ui/button.tsx'
import { CONTROL, TextField } from '../ui/field.tsx'
import { Day } from '../ui/figures.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'

interface Passkey {
  id: string
  name: string | null
  createdAt: string
}

const columns: readonly Column<Passkey>[] = [
  { header: 'Name', cell: (passkey) => <Name of={passkey} /> },
  { header: 'Made', wide: true, cell: ({ createdAt }) => <Day at={createdAt} /> },
  { header: 'Remove it', action: true, cell: (passkey) => <RemovePasskey passkey={passkey} /> },
]

/** Keys that devices keep, in place of a password. */
export function Passkeys() {
  const passkeys = useQuery(authRead<Passkey[]>(useEconomy(), '/passkey/list-user-passkeys'))
  return (
    <Card title="Passkeys" note="Sign in with your fingerprint, face or the lock of your device.">
      <div className="space-y-4">
        <Loaded from={passkeys} lines={2}>
          {(rows) =>
            rows.length > 0 && (
              <div className="-mx-4">
                <Table label="Passkeys" columns={columns} rows={rows} rowKey={({ id }) => id} />
              </div>
            )
          }
        </Loaded>
        <AddPasskey />
      </div>
    </Card>
  )
}

function AddPasskey() {
  const economy = useEconomy()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const add = useMutation({
    mutationFn: async () => await addPasskey(economy, name),
    onSuccess: async () => {
      setName('')
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <form
      className="max-w-sm space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (HAS_PASSKEYS) add.mutate()
      }}
    >
      <TextField
        label="Name of the new passkey"
        placeholder="My laptop"
        required
        maxLength={100}
        autoComplete="off"
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      {add.error && <Notice tone="danger">{sentenceOf(add.error)}</Notice>}
      <Button
        type="submit"
        busy={add.isPending}
        disabledReason={HAS_PASSKEYS ? undefined : 'This browser has no passkeys, or has them on secure pages alone.'}
      >
        Add a passkey
      </Button>
    </form>
  )
}

/** Its name is a field that is saved when it is left. */
function Name({ of: { id, name } }: { of: Passkey }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const [typed, setTyped] = useState(name ?? '')
  const rename = useMutation({
    mutationFn: async () => await auth(economy, '/passkey/update-passkey', { id, name: typed }),
    onSettled: async () => await queries.invalidateQueries({ queryKey: [economy] }),
  })
  return (
    <>
      <input
        aria-label={`Name of the passkey ${name ?? ''}`}
        className={CONTROL}
        maxLength={100}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Enter') currentTarget.blur()
        }}
        onBlur={() => {
          if (typed.trim() === '') setTyped(name ?? '')
          else if (typed !== name) rename.mutate()
        }}
      />
      {rename.error && <Notice tone="danger">{sentenceOf(rename.error)}</Notice>}
    </>
  )
}

function RemovePasskey({ passkey: { id, name } }: { passkey: Passkey }) {
  const economy = useEconomy()
  return (
    <Confirm
      label="Remove"
      title={`Remove the passkey ${name ?? ''}?`}
      confirm="Remove it"
      act={async () => await auth(economy, '/passkey/delete-passkey', { id })}
    >
      <p>Nobody signs in with it any more. The device may go on offering it; remove it there, too.</p>
    </Confirm>
  )
}
