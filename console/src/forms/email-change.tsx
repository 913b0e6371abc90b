import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { auth } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useFilters } from '../components/economy.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'

/** Another address: the one before has to agree, and the new one to be proven. */
export function EmailForm() {
  const economy = useEconomy()
  const { error } = useFilters()
  const [newEmail, setNewEmail] = useState('')
  const change = useMutation({
    mutationFn: async () =>
      await auth(economy, '/change-email', { newEmail, callbackURL: `/console/${economy}/me/security` }),
    onSuccess: () => setNewEmail(''),
  })
  return (
    <Card title="E-mail" note="A link goes to your present address first, then one to the new.">
      <form
        className="max-w-sm space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <TextField
          label="New e-mail"
          type="email"
          autoComplete="email"
          required
          maxLength={254}
          value={newEmail}
          onChange={({ target }) => setNewEmail(target.value)}
        />
        {error === 'sign_in_first' && (
          <Notice>
            The link that you opened changes the address of whoever is signed in. You are now: open it once more.
          </Notice>
        )}
        {change.error && <Notice tone="danger">{sentenceOf(change.error)}</Notice>}
        {change.isSuccess && (
          <Notice tone="good">Look into the mail of your present address, and open the link there.</Notice>
        )}
        <Button type="submit" look="primary" busy={change.isPending}>
          Change the e-mail
        </Button>
      </form>
    </Card>
  )
}
