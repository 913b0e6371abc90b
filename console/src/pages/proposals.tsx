import { Link } from '@tanstack/react-router'

import type { Item } from '../api/client.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import { ProposalStatus } from '../components/proposal-status.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { buttonLook } from '../ui/button.tsx'
import { Amount, Day } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Proposal = Item<'/proposals'>

const columns: readonly Column<Proposal>[] = [
  { header: 'Proposal', cell: (proposal) => <Title of={proposal} />, csv: ({ title }) => title },
  {
    header: 'By',
    wide: true,
    cell: ({ proposer }) => <Proposer username={proposer} />,
    csv: ({ proposer }) => proposer,
  },
  { header: 'Status', cell: (proposal) => <ProposalStatus of={proposal} />, csv: ({ status }) => status },
  {
    header: 'For',
    figures: true,
    wide: true,
    cell: ({ votes_for, asset }) => <Amount value={votes_for} asset={asset} />,
    csv: ({ votes_for }) => votes_for,
  },
  {
    header: 'Against',
    figures: true,
    wide: true,
    cell: ({ votes_against, asset }) => <Amount value={votes_against} asset={asset} />,
    csv: ({ votes_against }) => votes_against,
  },
  {
    header: 'Voting ends',
    wide: true,
    cell: ({ voting_end }) => (voting_end ? <Day at={voting_end} /> : '–'),
    csv: ({ voting_end }) => voting_end ?? '',
  },
]

const STATUSES = ['draft', 'active', 'passed', 'executed', 'rejected', 'cancelled', 'expired'] as const
const TYPES = ['parameter_change', 'treasury_allocation', 'feature_request'] as const

export function ProposalsPage() {
  const economy = useEconomy()
  const refusal = useRefusal('me.propose')
  return (
    <Page
      title="Proposals"
      note="What members decide by vote: the rules’ parameters, what the treasury pays, and what is wished for."
      actions={
        refusal === undefined && (
          <Link {...paths.page(economy, 'newProposal')} className={buttonLook('primary')}>
            New proposal
          </Link>
        )
      }
    >
      <List
        label="Proposals"
        path="/proposals"
        columns={columns}
        rowKey={({ id }) => id}
        filters={[
          { name: 'status', label: 'Status', options: [['', 'Any status'], ...named(STATUSES)] },
          { name: 'type', label: 'Type', options: [['', 'Any type'], ...named(TYPES)] },
          { name: 'proposer', label: 'By whom' },
        ]}
        empty={
          <Empty title="Nothing has been proposed yet">
            Whoever has enough voting power may be the first, with New proposal.
          </Empty>
        }
      />
    </Page>
  )
}

function named(codes: readonly string[]) {
  return codes.map((code) => [code, words(code)] as const)
}

function Title({ of: { id, title, proposal_type } }: { of: Proposal }) {
  return (
    <span className="block max-w-md">
      <TextLink to={paths.proposal(useEconomy(), id)}>{title}</TextLink>
      <span className="block text-xs text-muted">{words(proposal_type)}</span>
    </span>
  )
}

function Proposer({ username }: { username: string }) {
  return (
    <TextLink quiet to={{ ...paths.page(useEconomy(), 'proposals'), search: { proposer: username } }}>
      {username}
    </TextLink>
  )
}
