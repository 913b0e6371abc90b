import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type Answer, send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Button } from '../ui/button.tsx'
import { CheckboxField, TextField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

type Article = Answer<'/articles/{id}'>

/** What staff say of an article: how much it is wanted, and what stands beside its name. */
export function CurateArticle({ article }: { article: Article }) {
  return (
    <Card title="Curate it" note="Contributions from now on are multiplied by the demand; earlier ones keep theirs.">
      <div className="grid gap-6 sm:grid-cols-2">
        <Demand article={article} />
        <Flags article={article} />
      </div>
    </Card>
  )
}

function Demand({ article: { id, staff_demand } }: { article: Article }) {
  const economy = useEconomy()
  const refusal = useRefusal('articles.curate')
  const [demand, setDemand] = useState(staff_demand ?? '')
  const set = useChange(async (value: string | null, key) => {
    await send(economy, '/articles/{id}/demand', { path: { id }, body: { demand: value }, key })
    if (value === null) setDemand('')
  })
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (refusal === undefined && !set.isPending) set.mutate(demand.trim())
      }}
    >
      <TextField
        label="Demand"
        hint={staff_demand === null ? 'From its page views now, week by week.' : 'Set by staff until it is cleared.'}
        inputMode="decimal"
        autoComplete="off"
        required
        maxLength={10}
        placeholder="1.5"
        value={demand}
        onChange={({ target }) => setDemand(target.value)}
      />
      <div className="flex gap-2">
        <Button type="submit" busy={set.isPending} disabledReason={refusal}>
          Set the demand
        </Button>
        <Button
          look="quiet"
          disabledReason={refusal ?? (staff_demand === null ? 'Staff have set none.' : undefined)}
          onClick={() => set.mutate(null)}
        >
          Clear it
        </Button>
      </div>
      {set.error && <Notice tone="danger">{sentenceOf(set.error)}</Notice>}
    </form>
  )
}

function Flags({ article: { id, token_metadata } }: { article: Article }) {
  const economy = useEconomy()
  const refusal = useRefusal('articles.curate')
  const [featured, setFeatured] = useState(token_metadata.featured)
  const [expert_reviewed, setReviewed] = useState(token_metadata.expert_reviewed)
  const changed = featured !== token_metadata.featured || expert_reviewed !== token_metadata.expert_reviewed
  const mark = useChange(async (_: undefined, key) => {
    await send(economy, '/articles/{id}/flags', { path: { id }, body: { featured, expert_reviewed }, key })
  })
  const why = refusal ?? (changed ? undefined : 'Nothing is changed.')
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (why === undefined && !mark.isPending) mark.mutate(undefined)
      }}
    >
      <fieldset className="space-y-2">
        <legend className="mb-1 text-sm font-medium">Marks</legend>
        <CheckboxField label="Featured" checked={featured} onChange={({ target }) => setFeatured(target.checked)} />
        <CheckboxField
          label="Reviewed by an expert"
          checked={expert_reviewed}
          onChange={({ target }) => setReviewed(target.checked)}
        />
      </fieldset>
      <Button type="submit" busy={mark.isPending} disabledReason={why}>
        Save the marks
      </Button>
      {mark.error && <Notice tone="danger">{sentenceOf(mark.error)}</Notice>}
    </form>
  )
}

/** One change of the article, done once however often it is pressed, with all that shows it read anew. */
function useChange<Value>(act: (value: Value, key: string) => Promise<void>) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const { key, settled } = useIdempotencyKey()
  return useMutation({
    mutationFn: async (value: Value) => await act(value, key),
    onSettled: async (_, error) => {
      settled(error)
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
}
