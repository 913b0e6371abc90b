import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { sentenceOf } from '../api/errors.ts'
import { useIdempotencyKey } from '../forms/idempotency-key.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { useEconomy } from './economy.tsx'

/**
 * What cannot be taken back is asked about once more: a button, and a question that says what will be. `act` gets the key
 * that makes it happen once.
 */
export function Confirm({ label, title, keep = 'Keep it', confirm, disabledReason, act, children }: ConfirmProps) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const { key, settled } = useIdempotencyKey()
  const [open, setOpen] = useState(false)
  const doing = useMutation({
    mutationFn: async () => await act(key),
    onSettled: (_, error) => settled(error),
    onSuccess: async () => {
      setOpen(false)
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <>
      <Button look="quiet" disabledReason={disabledReason} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog open={open} title={title} onClose={() => setOpen(false)}>
        {children}
        {doing.error && (
          <div className="mt-3">
            <Notice tone="danger">{sentenceOf(doing.error)}</Notice>
          </div>
        )}
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{keep}</Button>
          <Button look="danger" busy={doing.isPending} onClick={() => doing.mutate()}>
            {confirm}
          </Button>
        </div>
      </Dialog>
    </>
  )
}

interface ConfirmProps {
  /** Of the button that asks. */
  label: string
  title: string
  keep?: string
  /** Of the button that does it. */
  confirm: string
  disabledReason?: string | undefined
  act: (key: string) => Promise<unknown>
  children: ReactNode
}
