import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'

import { type Answer, send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy } from '../components/economy.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

/** Posts the opposite of an entry, once however often it is pressed. */
export function ReverseEntry({ entry, open, onClose }: ReverseEntryProps) {
  const economy = useEconomy()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { key, settled } = useIdempotencyKey()
  const reverse = useMutation({
    mutationFn: async () =>
      await send(economy, '/ledger/entries/{id}/reverse', { path: { id: entry.id }, body: {}, key }),
    onSettled: (_, error) => settled(error),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries()
      onClose()
      await navigate(paths.entry(economy, id))
    },
  })
  return (
    <Dialog open={open} title="Reverse this entry?" onClose={onClose}>
      <p>
        A new entry moves {entry.postings_count === 1 ? 'the amount' : `all ${entry.postings_count} amounts`} back.
        Nothing is deleted: both stay in the books. Accounts that have spent what they got make it fail, and then
        nothing moves.
      </p>
      {reverse.error && (
        <div className="mt-3">
          <Notice tone="danger">{sentenceOf(reverse.error)}</Notice>
        </div>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>Keep it</Button>
        <Button look="danger" busy={reverse.isPending} onClick={() => reverse.mutate()}>
          Reverse the entry
        </Button>
      </div>
    </Dialog>
  )
}

interface ReverseEntryProps {
  entry: Answer<'/ledger/entries/{id}'>
  open: boolean
  onClose: () => void
}
