import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy } from '../components/economy.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

/** A review by staff. */
export function ReviewForm({ contribution, settled }: { contribution: string; settled: boolean }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const { key, settled: keySettled } = useIdempotencyKey()
  const [score, setScore] = useState('')
  const [comment, setComment] = useState('')
  const review = useMutation({
    mutationFn: async () => {
      const body = { staff: true, score, ...(comment && { comment }) }
      return await send(economy, '/contributions/{id}/reviews', { path: { id: contribution }, body, key })
    },
    onSettled: (_, error) => keySettled(error),
    onSuccess: async () => {
      setScore('')
      setComment('')
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <Card
      title="Review it"
      note={settled ? 'Its week is distributed: a review does not change those points.' : undefined}
    >
      <form
        className="grid items-start gap-3 sm:grid-cols-[8rem_1fr_auto]"
        onSubmit={(event) => {
          event.preventDefault()
          review.mutate()
        }}
      >
        <TextField
          label="Score"
          inputMode="decimal"
          required
          placeholder="4.5"
          value={score}
          onChange={({ target }) => setScore(target.value)}
        />
        <TextField
          label="Comment"
          maxLength={500}
          value={comment}
          onChange={({ target }) => setComment(target.value)}
        />
        <div className="sm:pt-6">
          <Button type="submit" look="primary" busy={review.isPending}>
            Review
          </Button>
        </div>
      </form>
      {review.error && (
        <div className="mt-3">
          <Notice tone="danger">{sentenceOf(review.error)}</Notice>
        </div>
      )}
    </Card>
  )
}
