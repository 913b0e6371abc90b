import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type Answer, type Item, read, send, type SendBody } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Loaded } from '../components/page.tsx'
import { PowerSum } from '../components/power-sum.tsx'
import type { Proposal } from '../components/proposal-effect.tsx'
import { Button } from '../ui/button.tsx'
import { TextArea } from '../ui/field.tsx'
import { Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Card, Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

type Choice = SendBody<`/proposals/{id}/votes`>['choice']
type Vote = Item<'/me/votes'>

const CHOICES: readonly Choice[] = ['for', 'against', 'abstain']

/** What my vote weighs and why, what I voted, and the form to vote or vote otherwise. */
export function VoteForm({ proposal }: { proposal: Proposal }) {
  const economy = useEconomy()
  const power = useQuery(read(economy, '/me/power', { query: { proposal: proposal.id } }))
  const votes = useQuery(read(economy, '/me/votes', { query: { proposal: proposal.id } }))
  const [own] = votes.data?.data ?? []
  return (
    <Card title={proposal.tree_size === null ? 'Your voting power' : 'Your vote'}>
      <Loaded from={power} lines={3}>
        {(found) => (
          <div className="space-y-4">
            <PowerSum of={found} then={proposal.tree_size === null ? 'now' : 'when voting opened'} />
            {own && <Cast vote={own} />}
            {votes.isSuccess && proposal.status === 'active' && (
              <Ballot key={own?.cast_at} proposal={proposal} own={own} power={found} />
            )}
          </div>
        )}
      </Loaded>
    </Card>
  )
}

function Cast({ vote: { choice, reason, cast_at, earlier = [] } }: { vote: Vote }) {
  return (
    <div className="rounded-md bg-raised px-3.5 py-2.5 text-sm">
      <p>
        You voted <Badge tone="good">{words(choice)}</Badge> <span className="text-muted">on </span>
        <Moment at={cast_at} />
      </p>
      {reason && <p className="mt-1 break-words whitespace-pre-wrap">{reason}</p>}
      {earlier.map((before) => (
        <p key={before.replaced_at} className="mt-1 text-muted">
          Before: {words(before.choice)}, until <Moment at={before.replaced_at} />
        </p>
      ))}
    </div>
  )
}

function Ballot({ proposal, own, power }: BallotProps) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('me.vote')
  const { key, settled } = useIdempotencyKey()
  const [choice, setChoice] = useState<Choice | undefined>(own?.choice)
  const [reason, setReason] = useState(own?.reason ?? '')
  const vote = useMutation({
    mutationFn: async (chosen: Choice) => {
      const body = { choice: chosen, ...(reason.trim() !== '' && { reason }) }
      return await send(economy, '/proposals/{id}/votes', { path: { id: proposal.id }, body, key })
    },
    onSettled: async (_, error) => {
      settled(error)
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  const same = own !== undefined && choice === own.choice && reason === (own.reason ?? '')
  const blocked =
    refusal ??
    (!proposal.allowed.includes('vote')
      ? 'Voting has ended.'
      : /^0(\.0*)?$/.test(power.power)
        ? 'Your vote weighs nothing: you held nothing when voting opened.'
        : choice === undefined
          ? 'Choose for, against or abstain.'
          : same
            ? 'This is how you have voted.'
            : undefined)
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (blocked === undefined && choice !== undefined) vote.mutate(choice)
      }}
    >
      <fieldset>
        <legend className="mb-1 text-sm font-medium">{own ? 'Vote otherwise' : 'Choose'}</legend>
        <div className="flex flex-wrap gap-2">
          {CHOICES.map((each) => (
            <label
              key={each}
              className="flex h-9 items-center gap-2 rounded-md border border-control px-3 text-sm has-checked:border-accent has-checked:bg-accent-soft"
            >
              <input
                type="radio"
                name="choice"
                className="accent-accent"
                checked={choice === each}
                onChange={() => setChoice(each)}
              />
              {words(each)}
            </label>
          ))}
        </div>
      </fieldset>
      <TextArea
        label="Reason"
        hint="If you like; everybody may read it."
        rows={3}
        maxLength={1000}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
      />
      {vote.error && <Notice tone="danger">{sentenceOf(vote.error)}</Notice>}
      <Button type="submit" look="primary" busy={vote.isPending} disabledReason={blocked}>
        {own ? 'Change the vote' : 'Vote'}
      </Button>
    </form>
  )
}

interface BallotProps {
  proposal: Proposal
  own: Vote | undefined
  power: Answer<'/me/power'>
}
