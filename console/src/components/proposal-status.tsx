import { words } from '../ui/format.ts'
import { Badge } from '../ui/surfaces.tsx'

/** How a proposal stands; a draft that was submitted waits for its voting. */
export function ProposalStatus({
  of: { status, submitted_at },
}: {
  of: { status: string; submitted_at: string | null }
}) {
  if (status === 'draft' && submitted_at !== null) return <Badge tone="warning">Submitted</Badge>
  return <Badge tone={TONES[status] ?? 'plain'}>{status === 'active' ? 'Open for votes' : words(status)}</Badge>
}

const TONES: Record<string, 'good' | 'warning' | 'danger'> = {
  active: 'good',
  passed: 'good',
  executed: 'good',
  rejected: 'danger',
  expired: 'warning',
}
