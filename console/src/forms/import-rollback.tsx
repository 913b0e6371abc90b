import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { type Answer, send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Count } from '../ui/figures.tsx'
import { Notice, Skeleton } from '../ui/surfaces.tsx'
import { newKey } from './idempotency-key.ts'

/** Takes an import back. Before that the server tries it, and says what would go, or why it may not. */
export function RollbackImport({ of: { id, file, status } }: { of: Answer<'/imports/{id}'> }) {
  const economy = useEconomy()
  const refusal = useRefusal('imports.rollback')
  const [asked, setAsked] = useState(false)
  const rehearsal = useQuery({
    queryKey: [economy, '/imports/{id}/rollback', id],
    enabled: asked,
    staleTime: 0,
    retry: false,
    queryFn: async () =>
      await send(economy, '/imports/{id}/rollback', { path: { id }, body: { dry_run: true }, key: newKey() }),
  })
  const { data: gone, error } = rehearsal
  return (
    <Confirm
      label="Take it back"
      title={`Take back ${file}?`}
      confirm="Take it back"
      look="danger"
      disabledReason={refusal ?? (status === 'rolled_back' ? 'It was taken back before.' : undefined)}
      notYet={error ? 'It cannot be taken back.' : gone ? undefined : 'It is being looked at.'}
      act={async (key) => {
        setAsked(false)
        return await send(economy, '/imports/{id}/rollback', { path: { id }, body: {}, key })
      }}
      onOpen={() => setAsked(true)}
    >
      {rehearsal.isPending && <Skeleton lines={2} />}
      {error && (
        <Notice tone="warning" title="It cannot be taken back">
          {sentenceOf(error)}
        </Notice>
      )}
      {gone && (
        <>
          <p>This removes what it brought, and nothing else:</p>
          <ul className="list-disc pl-5">
            <li>
              <Count value={gone.contributions} /> contributions, with their points
            </li>
            <li>
              <Count value={gone.people} /> people
            </li>
            <li>
              <Count value={gone.articles} /> articles
            </li>
            {gone.views > 0 && (
              <li>
                <Count value={gone.views} /> figures of page views
              </li>
            )}
          </ul>
          <p>The file may be imported again afterwards.</p>
        </>
      )}
    </Confirm>
  )
}
