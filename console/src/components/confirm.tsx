import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { sentenceOf } from '../api/errors.ts'
import { useIdempotencyKey } from '../forms/idempotency-key.ts'
import { Button, type ButtonLook } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { useEconomy } from './economy.tsx'

/**
 * What somebody should think about before it is done: a button, and a question that says what will be and has the fields
 * that it takes. `act` gets the key that makes it happen once; what the server refuses stays there to be read.
 */
export function Confirm<T>({
  label,
  look = 'quiet',
  title,
  keep = 'Keep it',
  confirm,
  confirmLook = 'danger',
  disabledReason,
  notYet,
  act,
  onOpen,
  onDone,
  children,
}: ConfirmProps<T>) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const { key, settled } = useIdempotencyKey()
  const [open, setOpen] = useState(false)
  const doing = useMutation({
    mutationFn: async () => await act(key),
    onSettled: (_, error) => settled(error),
    onSuccess: async (done) => {
      setOpen(false)
      await onDone?.(done)
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <>
      <Button
        look={look}
        disabledReason={disabledReason}
        onClick={() => {
          doing.reset()
          onOpen?.()
          setOpen(true)
        }}
      >
        {label}
      </Button>
      <Dialog open={open} title={title} onClose={() => setOpen(false)}>
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (notYet === undefined) doing.mutate()
          }}
        >
          {children}
          {doing.error && <Notice tone="danger">{sentenceOf(doing.error)}</Notice>}
          <div className="flex justify-end gap-2 pt-1">
            <Button onClick={() => setOpen(false)}>{keep}</Button>
            <Button type="submit" look={confirmLook} busy={doing.isPending} disabledReason={notYet}>
              {confirm}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  )
}

interface ConfirmProps<T> {
  /** Of the button that asks. */
  label: ReactNode
  look?: ButtonLook
  title: string
  keep?: string
  /** Of the button that does it. */
  confirm: string
  confirmLook?: ButtonLook
  /** Why it cannot be done at all. */
  disabledReason?: string | undefined
  /** What is missing before it can be done. */
  notYet?: string | undefined
  act: (key: string) => Promise<T>
  onOpen?: () => void
  onDone?: (done: T) => void | Promise<void>
  children: ReactNode
}
