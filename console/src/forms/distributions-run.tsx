import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { weekOf } from '../ui/format.ts'
import { Notice } from '../ui/surfaces.tsx'
import { newKey } from './idempotency-key.ts'

/**
 * Pays the weeks that are due, the oldest first. One request pays some of them; it goes on until none is left, and says
 * how far it is. Each request has its own key, so one that is lost on the way is not paid twice when pressed again.
 */
export function RunDistributions({
  label,
  through,
  disabledReason,
}: {
  label: string
  /** What ended on or before it is paid, and nothing else. */
  through: string
  disabledReason?: string | undefined
}) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const refusal = useRefusal('distributions.run')
  const [key, setKey] = useState(newKey)
  const [done, setDone] = useState<string>()
  const run = useMutation({
    mutationFn: async () => {
      let next = key
      for (let more = true, weeks = 0; more;) {
        const ran = await send(economy, '/distributions/run', { body: { through }, key: next })
        next = newKey()
        setKey(next)
        weeks += ran.data.length
        const last = ran.data.at(-1)
        if (last) setDone(`${weeks} ${weeks === 1 ? 'week' : 'weeks'} paid, the last ${weekOf(last)}`)
        more = ran.more && ran.data.length > 0
      }
    },
    onSuccess: async () => await navigate(paths.page(economy, 'distributions')),
    onSettled: async () => await queries.invalidateQueries({ queryKey: [economy] }),
  })
  return (
    <div className="space-y-2">
      <Button
        look="primary"
        busy={run.isPending}
        disabledReason={refusal ?? disabledReason}
        onClick={() => run.mutate()}
      >
        {label}
      </Button>
      {done && (
        <p role="status" className="text-sm text-muted">
          {done}
        </p>
      )}
      {run.error && <Notice tone="danger">{sentenceOf(run.error)}</Notice>}
    </div>
  )
}
