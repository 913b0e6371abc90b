import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'

import { read, send } from '../api/client.ts'
import { ApiError } from '../api/errors.ts'
import { readingAs, stopReadingAs } from '../api/session.ts'
import { newKey } from '../forms/idempotency-key.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { useEconomy } from './economy.tsx'

/** Over every page while staff read as somebody: whose pages these are, why, how long still, and the way out. */
export function ReadingBanner() {
  const economy = useEconomy()
  const navigate = useNavigate()
  const { data: me, error } = useQuery({
    ...read(economy, '/me'),
    enabled: readingAs(economy) !== undefined,
    refetchInterval: ASK_MS,
  })
  // They may have ended it themselves, among their keys.
  const ended = error instanceof ApiError && error.status === 401
  const over = useCallback(async () => {
    stopReadingAs(economy)
    await navigate({ ...paths.page(economy, 'people'), reloadDocument: true })
  }, [economy, navigate])
  const end = useMutation({
    mutationFn: async () => {
      const reading = readingAs(economy)
      stopReadingAs(economy)
      // Whoever began it ends it: the key that reads can change nothing, its own end included.
      if (reading) await send(economy, '/people/impersonations/{id}/end', { path: { id: reading.id }, key: newKey() })
    },
    // A key that was not ended ends by itself; here it is forgotten in any case.
    onSettled: over,
  })
  const until = me?.impersonation?.expires_at
  const left_ms = useTimeLeft(until)
  useEffect(() => {
    if (ended || (left_ms !== undefined && left_ms <= 0)) void over()
  }, [ended, left_ms, over])

  if (!me?.impersonation) return null
  return (
    <div
      role="status"
      className="sticky top-14 z-10 flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b-2 border-warning bg-warning-soft px-4 py-2 text-sm text-warning lg:top-0"
    >
      <p className="min-w-0">
        <strong>You read as {me.username}</strong> and can change nothing. Reason: {me.impersonation.reason}.{' '}
        {minutes(left_ms ?? 0)} left.
      </p>
      <Button busy={end.isPending} onClick={() => end.mutate()}>
        Stop reading
      </Button>
    </div>
  )
}

function minutes(left_ms: number): string {
  const whole = Math.max(1, Math.ceil(left_ms / MINUTE_MS))
  return whole === 1 ? 'Less than a minute' : `${whole} minutes`
}

/** Looked at again every few seconds. */
function useTimeLeft(until: string | undefined): number | undefined {
  const [now_ms, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (until === undefined) return undefined
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [until])
  return until === undefined ? undefined : Date.parse(until) - now_ms
}

const MINUTE_MS = 60_000
const TICK_MS = 5_000
/** Is the key still good? */
const ASK_MS = 15_000
