import { Amount } from '../ui/figures.tsx'
import { approximate, counted } from '../ui/format.ts'
import { Card, Notice } from '../ui/surfaces.tsx'
import type { Proposal } from './proposal-effect.tsx'

/** The result as it stands: each side with its amount, the quorum, and whether it would pass now. */
export function ProposalTally({ of: proposal }: { of: Proposal }) {
  const { votes_for, votes_against, votes_abstain, total_voting_power, voters, asset, status } = proposal
  const whole = approximate(total_voting_power)
  return (
    <Card title={status === 'active' ? 'The result as it stands' : 'The result'} note={counted(voters, 'vote')}>
      <div className="space-y-4">
        <ul className="space-y-3">
          <Bar name="For" value={votes_for} asset={asset} of={whole} look="bg-accent" />
          <Bar name="Against" value={votes_against} asset={asset} of={whole} look="bg-danger" />
          <Bar name="Abstain" value={votes_abstain} asset={asset} of={whole} look="bg-muted" />
        </ul>
        <Quorum of={proposal} />
        {status === 'active' && <Standing of={proposal} />}
      </div>
    </Card>
  )
}

function Quorum({ of: { quorum_required, quorum_votes, asset, status } }: { of: Proposal }) {
  if (quorum_required === null) {
    return status === 'draft' ? (
      <p className="text-sm text-muted">The quorum is set when voting opens, by what circulates then.</p>
    ) : null
  }
  return (
    <ul className="border-t border-line pt-4">
      <Bar
        name="For and abstain, towards the quorum"
        value={quorum_votes}
        asset={asset}
        of={approximate(quorum_required)}
        look="bg-ink"
        needed={quorum_required}
      />
    </ul>
  )
}

function Standing({ of: { passing, quorum_reached } }: { of: Proposal }) {
  if (passing) return <Notice tone="good">It would pass if voting ended now.</Notice>
  return (
    <Notice tone="warning">
      {quorum_reached
        ? 'It would not pass if voting ended now: it takes more for than against.'
        : 'It would not pass if voting ended now: the quorum is not reached.'}
    </Notice>
  )
}

function Bar({ name, value, asset, of, look, needed }: BarProps) {
  const part = of > 0 ? Math.min(approximate(value) / of, 1) : 0
  return (
    <li>
      <div className="flex flex-wrap justify-between gap-x-4 text-sm">
        <span>{name}</span>
        <span>
          <Amount value={value} asset={asset} />
          {needed !== undefined && (
            <span className="text-muted">
              {' of '}
              <Amount value={needed} asset={asset} />
            </span>
          )}
        </span>
      </div>
      <div aria-hidden="true" className="mt-1 h-2 overflow-hidden rounded-full bg-raised">
        <div className={`h-full rounded-full ${look}`} style={{ width: `${part * 100}%` }} />
      </div>
    </li>
  )
}

interface BarProps {
  name: string
  value: string
  asset: string
  /** What a full bar is. */
  of: number
  look: string
  needed?: string
}
