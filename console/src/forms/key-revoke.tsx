import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

export function RevokeKey({ id, name }: { id: string; name: string }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('keys.manage')
  const { key, settled } = useIdempotencyKey()
  const [open, setOpen] = useState(false)
  const revoke = useMutation({
    mutationFn: async () => await send(economy, '/keys/{id}/revoke', { path: { id }, key }),
    onSettled: (_, error) => settled(error),
    onSuccess: async () => {
      setOpen(false)
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <>
      <Button look="quiet" disabledReason={refusal} onClick={() => setOpen(true)}>
        Revoke
      </Button>
      <Dialog open={open} title={`Revoke the key ${name}?`} onClose={() => setOpen(false)}>
        <p>Whoever uses it is refused within a second, and it cannot be given back.</p>
        {revoke.error && (
          <div className="mt-3">
            <Notice tone="danger">{sentenceOf(revoke.error)}</Notice>
          </div>
        )}
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>Keep it</Button>
          <Button look="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke the key
          </Button>
        </div>
      </Dialog>
    </>
  )
}
