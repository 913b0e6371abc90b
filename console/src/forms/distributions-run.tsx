import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'

import { send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { DistributionProgress } from '../components/distribution-progress.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { weekOf } from '../ui/format.ts'
import { Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { newKey } from './idempotency-key.ts'

/**
 * Pays the weeks that are due, the oldest first, with one request for each, and says how far it is. A week is paid once
 * however often it is asked for: so whoever stops, loses the connection or presses twice just goes on.
 */
export function RunDistributions({ label, ends, disabledReason }: RunDistributionsProps) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('distributions.run')
  const [done, setDone] = useState<Done>()
  const [asked, setAsked] = useState(0)
  const stop = useRef(false)
  const run = useMutation({
    mutationFn: async (weeks: readonly string[]) => {
      stop.current = false
      setAsked(weeks.length)
      setDone(undefined)
      for (const [place, through] of weeks.entries()) {
        if (stop.current) return
        const { data } = await send(economy, '/distributions/run', { body: { through }, key: newKey() })
        const last = data.at(-1)
        setDone((before) => ({ weeks: place + 1, last: last ?? before?.last }))
      }
    },
    onSettled: async () => await queries.invalidateQueries({ queryKey: [economy] }),
  })
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap gap-2">
        <Button
          look="primary"
          busy={run.isPending}
          disabledReason={refusal ?? disabledReason}
          onClick={() => run.mutate(ends)}
        >
          {label}
        </Button>
        {run.isPending && asked > 1 && (
          <Button
            onClick={() => {
              stop.current = true
            }}
          >
            Stop after this week
          </Button>
        )}
      </div>
      {run.isPending && (
        <div role="status" className="max-w-lg space-y-2">
          {asked > 1 && (
            <p className="text-sm">
              Week {Math.min((done?.weeks ?? 0) + 1, asked)} of {asked}
            </p>
          )}
          <DistributionProgress />
        </div>
      )}
      {!run.isPending && done?.last && (
        <Notice tone="good" title={`${done.weeks} ${done.weeks === 1 ? 'week' : 'weeks'} paid`}>
          The last is <TextLink to={paths.distribution(economy, done.last.id)}>{weekOf(done.last)}</TextLink>.
          {done.weeks < asked && ` ${asked - done.weeks} still wait.`}
        </Notice>
      )}
      {run.error && (
        <Notice tone="danger" title="It stopped">
          <p>{sentenceOf(run.error)}</p>
          <p>What was paid stays paid, and pressing again goes on from there.</p>
        </Notice>
      )}
    </div>
  )
}

interface Done {
  weeks: number
  last: { id: string; week_start: string; week_end: string } | undefined
}

interface RunDistributionsProps {
  label: string
  /** The ends of the weeks to pay, the oldest first. */
  ends: readonly string[]
  disabledReason?: string | undefined
}
