import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { type Item, read } from '../api/client.ts'
import { useCaller, useEconomy, useNames } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { ProposalEffect, type Proposal } from '../components/proposal-effect.tsx'
import { ProposalStatus } from '../components/proposal-status.tsx'
import { ProposalTally } from '../components/proposal-tally.tsx'
import { ProposalTimeline } from '../components/proposal-timeline.tsx'
import type { Column } from '../components/table.tsx'
import { CancelProposal, SubmitProposal } from '../forms/proposal-moves.tsx'
import { VoteForm } from '../forms/vote.tsx'
import { paths } from '../paths.ts'
import { Amount, Day } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Card, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

/** As long as something may still become of it, the page asks again: others vote, and the clock goes on. */
const LIVE_MS = 3_000

export function ProposalPage() {
  const economy = useEconomy()
  const queries = useQueryClient()
  const { id } = useNames<'id'>()
  const { data: caller } = useCaller()
  const proposal = useQuery({
    ...read(economy, '/proposals/{id}', { path: { id } }),
    refetchInterval: ({ state }) => (state.data?.transitions.length === 0 ? false : LIVE_MS),
  })
  const counted = proposal.data && `${proposal.data.total_voting_power} ${proposal.data.updated_at}`
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: [economy, '/proposals/{id}/votes'] })
  }, [queries, economy, counted])
  return (
    <Page
      title={proposal.data?.title ?? 'Proposal'}
      note={
        <>
          <TextLink to={paths.page(economy, 'proposals')}>Proposals</TextLink>
          {proposal.data && <Origin of={proposal.data} />}
        </>
      }
      actions={
        proposal.data && (
          <>
            <SubmitProposal proposal={proposal.data} />
            <CancelProposal proposal={proposal.data} />
          </>
        )
      }
    >
      <Loaded from={proposal}>
        {(found) => (
          <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <div className="min-w-0 space-y-5">
              <ProposalEffect of={found} />
              <Card title="Why">
                <p className="max-w-prose break-words whitespace-pre-wrap">{found.description}</p>
              </Card>
              {found.status !== 'draft' && <ProposalTally of={found} />}
            </div>
            <div className="min-w-0 space-y-5">
              {caller?.person !== null && <VoteForm proposal={found} />}
              <ProposalTimeline of={found} />
            </div>
          </div>
        )}
      </Loaded>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">Votes</h2>
        <List
          label="Votes"
          path="/proposals/{id}/votes"
          names={{ id }}
          columns={columns}
          rowKey={({ voter_id }) => voter_id}
          filters={[
            {
              name: 'choice',
              label: 'Choice',
              options: [
                ['', 'Every choice'],
                ['for', 'For'],
                ['against', 'Against'],
                ['abstain', 'Abstain'],
              ],
            },
          ]}
          empty={<Empty title="Nobody has voted yet" />}
        />
      </section>
    </Page>
  )
}

function Origin({ of }: { of: Proposal }) {
  return (
    <>
      {' · '}
      {words(of.proposal_type)} by {of.proposer} · <ProposalStatus of={of} />
    </>
  )
}

type Vote = Item<'/proposals/{id}/votes'>

const columns: readonly Column<Vote>[] = [
  { header: 'Voter', cell: ({ voter }) => voter, csv: ({ voter }) => voter },
  {
    header: 'Choice',
    cell: ({ choice, changes }) => (
      <>
        <Badge tone={choice === 'for' ? 'good' : choice === 'against' ? 'danger' : 'plain'}>{words(choice)}</Badge>
        {changes > 0 && <span className="block text-xs text-muted">changed {changes} ×</span>}
      </>
    ),
    csv: ({ choice }) => choice,
  },
  { header: 'Reason', wide: true, cell: ({ reason }) => <Reason text={reason} />, csv: ({ reason }) => reason ?? '' },
  { header: 'When', wide: true, cell: ({ cast_at }) => <Day at={cast_at} />, csv: ({ cast_at }) => cast_at },
  {
    header: 'Power',
    figures: true,
    cell: ({ power }) => <Power value={power} />,
    csv: ({ power }) => power,
  },
]

function Reason({ text }: { text: string | null }) {
  return <span className="block max-w-md break-words whitespace-pre-wrap">{text ?? '–'}</span>
}

function Power({ value }: { value: string }) {
  const { id } = useNames<'id'>()
  const { data } = useQuery(read(useEconomy(), '/proposals/{id}', { path: { id } }))
  return <Amount value={value} asset={data?.asset ?? ''} />
}
