import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { read, send, type SendAnswer } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useCaller, useEconomy, useRefusal } from '../components/economy.tsx'
import { useQualityTerms } from '../components/quality.tsx'
import { Button } from '../ui/button.tsx'
import { CheckboxField, TextField } from '../ui/field.tsx'
import { approximate } from '../ui/format.ts'
import { Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

/** A review in one's own name, or as staff: then it counts alone. A key of staff is nobody, and reviews as staff. */
export function ReviewForm({ of, onReviewed }: ReviewFormProps) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const { data: caller } = useCaller()
  const mayAsStaff = REVIEWING_STAFF.has(caller?.role ?? '')
  const { key, settled } = useIdempotencyKey()
  const [score, setScore] = useState('')
  const [comment, setComment] = useState('')
  const [asStaff, setAsStaff] = useState(true)
  const terms = useQualityTerms()
  const why = useWhyNot(of, score)
  const staff = mayAsStaff && (asStaff || caller?.person === null)
  const review = useMutation({
    mutationFn: async () => {
      const body = { staff, score: score.trim(), ...(comment && { comment }) }
      return await send(economy, '/contributions/{id}/reviews', { path: { id: of.id }, body, key })
    },
    onSettled: (_, error) => settled(error),
    onSuccess: async (reviewed) => {
      setScore('')
      setComment('')
      onReviewed?.(reviewed)
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (why === undefined && !review.isPending) review.mutate()
      }}
    >
      <div className="grid items-start gap-3 sm:grid-cols-[8rem_1fr_auto]">
        <TextField
          label="Score"
          hint={terms && `${terms.least} to ${terms.most}`}
          inputMode="decimal"
          autoComplete="off"
          required
          maxLength={10}
          placeholder="1.0"
          value={score}
          onChange={({ target }) => setScore(target.value)}
        />
        <TextField
          label="Comment"
          maxLength={COMMENT_MAX}
          value={comment}
          onChange={({ target }) => setComment(target.value)}
        />
        <div className="sm:pt-6">
          <Button type="submit" look="primary" busy={review.isPending} disabledReason={why}>
            Review
          </Button>
        </div>
      </div>
      {mayAsStaff && caller?.person !== null && (
        <CheckboxField
          label="As staff: it counts alone"
          checked={asStaff}
          onChange={({ target }) => setAsStaff(target.checked)}
        />
      )}
      {score !== '' && why !== undefined && <p className="text-sm text-muted">{why}</p>}
      {review.error && <Notice tone="danger">{sentenceOf(review.error)}</Notice>}
    </form>
  )
}

interface ReviewFormProps {
  of: Reviewable
  onReviewed?: (reviewed: SendAnswer<'/contributions/{id}/reviews'>) => void
}

/** A contribution of the change. */
interface Reviewable {
  id: string
  type: string
  user_id: string
  settled: boolean
}

/** Whom the server lets review as staff. */
const REVIEWING_STAFF: ReadonlySet<string> = new Set(['owner', 'operator', 'moderator'])
const COMMENT_MAX = 2_000

/** Why it cannot be reviewed with that score now, in the order in which the server would find out. */
function useWhyNot({ type, user_id, settled }: Reviewable, score: string): string | undefined {
  const refusal = useRefusal('contributions.review')
  const { data: caller } = useCaller()
  const me = useQuery({ ...read(useEconomy(), '/me'), enabled: caller !== undefined && caller.person !== null })
  const terms = useQualityTerms()
  if (refusal !== undefined) return refusal
  if (terms && score !== '' && !isWithin(score.trim(), terms)) {
    return `Score from ${terms.least} to ${terms.most}, with two decimals at most.`
  }
  if (type === 'review') return 'This is a review itself. Review the change instead.'
  if (settled) return 'Its week is distributed: its quality is settled.'
  if (me.data?.id === user_id) return 'Nobody reviews a change of their own.'
  return undefined
}

function isWithin(score: string, { least, most }: { least: string; most: string }): boolean {
  const value = approximate(score)
  return /^\d+(\.\d{1,2})?$/.test(score) && value >= approximate(least) && value <= approximate(most)
}
