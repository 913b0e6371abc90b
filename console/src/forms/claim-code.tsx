import { useMutation, useQueryClient } from '@tanstack/react-query'

import { type Answer, send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { ShownOnce } from '../components/shown-once.tsx'
import { Button } from '../ui/button.tsx'
import { momentOf } from '../ui/format.ts'
import { Card, Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

/** A code with which whom this imported person is takes it over. */
export function MakeClaimCode({ person: { id, username } }: { person: Answer<'/people/{id}'> }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('people.issue_claim')
  const { key, settled } = useIdempotencyKey()
  const make = useMutation({
    mutationFn: async () => await send(economy, '/people/{id}/claim-codes', { path: { id }, key }),
    onSettled: async (_, error) => {
      settled(error)
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <Card
      title="Hand it over"
      note={`Give the code to whom ${username} is: signed in, they enter it under “Claim an account”. A new code ends the one before.`}
    >
      <div className="space-y-3">
        <Button look="primary" busy={make.isPending} disabledReason={refusal} onClick={() => make.mutate()}>
          Make a claim code
        </Button>
        {make.error && <Notice tone="danger">{sentenceOf(make.error)}</Notice>}
        {make.data && (
          <ShownOnce
            secret={make.data.code}
            title={`Copy it now: it is not shown again, and good once, until ${momentOf(make.data.expires_at)}`}
          />
        )}
      </div>
    </Card>
  )
}
