import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

/** Makes whoever is signed in the imported contributor that the code is for. */
export function ClaimForm({ username }: { username: string }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('me.claim')
  const { key, settled } = useIdempotencyKey()
  const [code, setCode] = useState('')
  const claim = useMutation({
    mutationFn: async () => await send(economy, '/me/claims', { body: { code: code.trim() }, key }),
    onSettled: async (_, error) => {
      settled(error)
      if (error) return
      setCode('')
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <Card title="Claim who you were" note="With a code that staff gave you for a contributor who was imported.">
      <form
        className="max-w-lg space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (refusal === undefined) claim.mutate()
        }}
      >
        {!claim.data && (
          <p className="text-sm text-muted">
            Their name, points, rewards and tokens become yours, and you sign in as them from then on. The name{' '}
            <span className="font-medium text-ink">{username}</span> and its personal keys are given up, so it works
            only as long as there is nothing under it.
          </p>
        )}
        <TextField
          label="Claim code"
          required
          maxLength={100}
          autoComplete="off"
          spellCheck={false}
          value={code}
          onChange={({ target }) => setCode(target.value)}
        />
        {claim.error && <Notice tone="danger">{sentenceOf(claim.error)}</Notice>}
        {claim.data && (
          <Notice tone="good" title={`You are ${claim.data.username} now`}>
            Everything is there: <TextLink to={paths.page(economy, 'myAccount')}>your account</TextLink> and{' '}
            <TextLink to={paths.page(economy, 'myContributions')}>your contributions</TextLink>.
          </Notice>
        )}
        <Button type="submit" look="primary" busy={claim.isPending} disabledReason={refusal}>
          Claim
        </Button>
      </form>
    </Card>
  )
}
