import { useQuery } from '@tanstack/react-query'

import { read } from '../api/client.ts'
import { Amount, Count } from '../ui/figures.tsx'
import { weekOf } from '../ui/format.ts'
import { Progress } from '../ui/progress.tsx'
import { useEconomy } from './economy.tsx'

const FOLLOWED_MS = 500

/** How far the payment of the newest week has come, followed while it goes on. */
export function DistributionProgress() {
  const economy = useEconomy()
  const newest = useQuery({
    ...read(economy, '/distributions', { query: { limit: 1 } }),
    refetchInterval: FOLLOWED_MS,
  })
  const id = newest.data?.data[0]?.id
  const week = useQuery({
    ...read(economy, '/distributions/{id}', { path: { id: id ?? '' } }),
    enabled: id !== undefined,
    refetchInterval: FOLLOWED_MS,
  })
  if (!week.data) return null
  const { paid_count, user_count, paid_tokens, total_tokens, asset } = week.data
  return (
    <div className="space-y-1">
      <p className="text-sm">
        {weekOf(week.data)}: <Count value={paid_count} /> of <Count value={user_count} /> people paid
      </p>
      <Progress label={`People paid for ${weekOf(week.data)}`} done={paid_count} total={user_count} />
      <p className="text-sm text-muted">
        <Amount value={paid_tokens} asset={asset} /> of <Amount value={total_tokens} asset={asset} />
      </p>
    </div>
  )
}
