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

/** Makes whoever is signed in one of the staff. */
export function AcceptInvitation() {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('me.accept_invitation')
  const { key, settled } = useIdempotencyKey()
  const [code, setCode] = useState('')
  const accept = useMutation({
    mutationFn: async () => await send(economy, '/me/invitations/accept', { body: { code: code.trim() }, key }),
    onSettled: async (_, error) => {
      settled(error)
      if (error) return
      setCode('')
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <Card title="Accept an invitation" note="With a code from an owner, which makes you one of the staff.">
      <form
        className="max-w-lg space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (refusal === undefined) accept.mutate()
        }}
      >
        <TextField
          label="Invitation code"
          required
          maxLength={100}
          autoComplete="off"
          spellCheck={false}
          value={code}
          onChange={({ target }) => setCode(target.value)}
        />
        {accept.error && <Notice tone="danger">{sentenceOf(accept.error)}</Notice>}
        {accept.data && (
          <Notice tone="good" title={`You are of staff now, as ${accept.data.role}`}>
            The pages that this role has are in the navigation, beginning with the{' '}
            <TextLink to={paths.page(economy, 'overview')}>overview</TextLink>.
          </Notice>
        )}
        <Button type="submit" look="primary" busy={accept.isPending} disabledReason={refusal}>
          Accept
        </Button>
      </form>
    </Card>
  )
}
