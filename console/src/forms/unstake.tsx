import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type Item, send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy } from '../components/economy.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Amount } from '../ui/figures.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

export function Unstake({ stake }: { stake: Item<'/me/stakes'> }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const { key, settled } = useIdempotencyKey()
  const [open, setOpen] = useState(false)
  const unstake = useMutation({
    mutationFn: async () => await send(economy, '/me/stakes/{id}/unstake', { path: { id: stake.id }, key }),
    onSettled: (_, error) => settled(error),
    onSuccess: async () => {
      setOpen(false)
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <>
      <Button
        look="quiet"
        disabledReason={stake.can_unstake ? undefined : 'It has ended, or is ending already.'}
        onClick={() => setOpen(true)}
      >
        End early
      </Button>
      <Dialog open={open} title="End this stake early?" onClose={() => setOpen(false)}>
        <p>
          You lose its reward of <Amount value={stake.reward} asset={stake.asset} />, and{' '}
          <Amount value={stake.early_unstake_penalty} asset={stake.asset} /> as a penalty. The rest is yours after{' '}
          {stake.early_unstake_delay_days} days.
        </p>
        {unstake.error && (
          <div className="mt-3">
            <Notice tone="danger">{sentenceOf(unstake.error)}</Notice>
          </div>
        )}
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>Keep it</Button>
          <Button look="danger" busy={unstake.isPending} onClick={() => unstake.mutate()}>
            End it early
          </Button>
        </div>
      </Dialog>
    </>
  )
}
