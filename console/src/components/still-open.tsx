import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { read } from '../api/client.ts'
import { weeksBetween } from '../pages/closing-rules.ts'
import { type Place, paths } from '../paths.ts'
import { Badge, Card } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { useEconomy } from './economy.tsx'

/** What somebody should have looked at before the books are closed to a day. None of it stops them. */
export function StillOpen({ before }: { before: string }) {
  const economy = useEconomy()
  const dashboard = useQuery(read(economy, '/dashboard'))
  const holds = useQuery(read(economy, '/ledger/holds', { query: { status: 'pending', limit: MOST } }))
  const issuances = useQuery(read(economy, '/ledger/issuances', { query: { status: 'requested', limit: MOST } }))
  const imports = useQuery(read(economy, '/imports', { query: { limit: MOST } }))
  const last = dashboard.data?.last_distribution
  const earlier = (at: string) => new Date(at) < new Date(before)
  return (
    <Card
      title="Still open"
      note="None of it stops the closing: what comes of it later is recorded in the next period."
    >
      <ul className="-my-1 divide-y divide-line">
        <Line
          of="weeks to distribute"
          count={dashboard.data && (last ? weeksBetween(last.week_end, before) : 0)}
          to={paths.page(economy, 'preview')}
        >
          Weeks that ended before and are not distributed
        </Line>
        <Line
          of="distribution"
          count={dashboard.data && (last && last.status !== 'completed' ? 1 : 0)}
          to={last ? paths.distribution(economy, last.id) : paths.page(economy, 'distributions')}
        >
          Distributions that are not paid to their end
        </Line>
        <Line
          of="holds"
          count={holds.data?.data.filter(({ created_at }) => earlier(created_at)).length}
          to={{ ...paths.page(economy, 'holds'), search: { status: 'pending' } }}
        >
          Holds that wait, made before
        </Line>
        <Line
          of="issuances"
          count={issuances.data?.data.filter(({ requested_at }) => earlier(requested_at)).length}
          to={{ ...paths.page(economy, 'issuances'), search: { status: 'requested' } }}
        >
          Issuances that wait for an approval
        </Line>
        <Line
          of="imports"
          count={imports.data?.data.filter(({ status }) => status === 'reading').length}
          to={paths.page(economy, 'imports')}
        >
          Imports that are not read to their end
        </Line>
      </ul>
    </Card>
  )
}

const MOST = 200

function Line({ of, count, to, children }: LineProps) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
      <span>{children}</span>
      {count === undefined && <span className="text-sm text-muted">…</span>}
      {count === 0 && <Badge tone="good">None</Badge>}
      {count !== undefined && count > 0 && (
        <span className="flex items-center gap-2">
          <Badge tone="warning">{count < MOST ? count : `${MOST} or more`}</Badge>
          <TextLink to={to}>
            See<span className="sr-only"> the {of}</span>
          </TextLink>
        </span>
      )}
    </li>
  )
}

interface LineProps {
  of: string
  /** Undefined while it is on its way. */
  count: number | undefined
  to: Place
  children: ReactNode
}
