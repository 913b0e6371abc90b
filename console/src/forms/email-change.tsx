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
      await auth(economy, '/change-email', {
        newEmail,
        callbackURL: `/console/${economy}/me/security?email=confirmed`,
      }),
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

/** For whoever comes from a link of such a mail: what is left to do, or why it led nowhere. */
export function EmailChangeNews() {
  const { email, error } = useFilters()
  if (error) return <Notice tone="danger">{REASONS[error] ?? UNKNOWN}</Notice>
  if (!email) return null
  return (
    <Notice tone="good">
      Confirmed. If your e-mail below is still the one before, another link is on its way to the new one: open it in
      this browser.
    </Notice>
  )
}

const UNKNOWN = 'This link is not one of ours, or not whole. Copy all of it from the mail.'
const REASONS: Readonly<Record<string, string>> = {
  sign_in_first:
    'Open the link once more, now that you are signed in. If that does not help, it was used already, or is for another account.',
  INVALID_USER: 'This link is for another account. Sign in with that one, then open it again.',
  USER_NOT_FOUND: 'This link was used already.',
  TOKEN_EXPIRED: 'This link has expired. Ask for the change once more below.',
}
