import { Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Card } from '../ui/surfaces.tsx'
import type { Proposal } from './proposal-effect.tsx'

/** What has happened, what happens when, and what may become of it: the rows of the server's table for this state. */
export function ProposalTimeline({ of: proposal }: { of: Proposal }) {
  return (
    <Card title="Timeline">
      <ol className="space-y-3">
        {stepsOf(proposal).map(({ name, at, done, note }) => (
          <li key={name} className="flex gap-3">
            <span
              aria-hidden="true"
              className={`mt-1.5 size-2.5 shrink-0 rounded-full border-2 ${done ? 'border-accent bg-accent' : 'border-control'}`}
            />
            <div className="min-w-0">
              <p className={done ? 'font-medium' : 'text-muted'}>
                {name}
                {!done && <span className="sr-only">, not yet</span>}
              </p>
              <p className="text-sm text-muted empty:hidden">
                {at && <Moment at={at} />}
                {note && <span className="block break-words">{note}</span>}
              </p>
            </div>
          </li>
        ))}
      </ol>
      {proposal.transitions.length > 0 && (
        <div className="mt-4 border-t border-line pt-4 text-sm">
          <p className="font-medium">What may become of it</p>
          <ul className="mt-1 space-y-1 text-muted">
            {proposal.transitions.map(({ verb, to, by, at, when }) => (
              <li key={`${verb} ${to}`}>
                {words(to)}
                {by.includes('clock') ? ` if ${when}` : ` by its ${by.join(' or a ')}, ${when}`}
                {at && (
                  <>
                    {', '}
                    <Moment at={at} />
                  </>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  )
}

interface Step {
  name: string
  at: string | null
  done: boolean
  note?: string | undefined
}

function stepsOf(proposal: Proposal): Step[] {
  const { status, created_at, submitted_at, voting_start, voting_end, decided_at, execute_at, executed_at } = proposal
  const opened = proposal.tree_size !== null
  const steps: Step[] = [
    { name: 'Draft written', at: created_at, done: true },
    { name: 'Submitted', at: submitted_at, done: submitted_at !== null },
    {
      name: 'Voting opens',
      at: voting_start,
      done: opened,
      note: opened ? `Power counts as sealed at tree size ${proposal.tree_size}.` : undefined,
    },
    {
      name: 'Voting ends',
      at: voting_end,
      done: decided_at !== null,
      note: proposal.extended_at ? 'A late quorum moved the end, once.' : undefined,
    },
    {
      name: 'Timelock ends',
      at: execute_at,
      done: executed_at !== null,
      note: status === 'passed' ? 'Until then a guardian may stop it.' : undefined,
    },
    { name: 'Carried out', at: executed_at, done: executed_at !== null, note: proposal.failure ?? undefined },
  ]
  if (!STOPPED.has(status)) return steps
  const ended = {
    name: words(status),
    at: proposal.updated_at,
    done: true,
    note: proposal.cancel_reason ?? proposal.failure ?? undefined,
  }
  return [...steps.filter(({ done }) => done), ended]
}

/** Where the rest of the way is not gone. */
const STOPPED: ReadonlySet<string> = new Set(['rejected', 'cancelled', 'expired'])
