import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { auth } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useFilters } from '../components/economy.tsx'
import { Gate } from '../components/gate.tsx'
import { NewPasswordForm } from '../forms/new-password.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

/** Without the token that a mail brings: where to send it, and why that of a link was none. With it: the new password. */
export function PasswordResetPage() {
  const economy = useEconomy()
  const { token, error } = useFilters()
  return (
    <Gate title="Choose a new password" note={<>for the economy {economy}</>}>
      {token ? (
        <NewPasswordForm economy={economy} token={token}>
          Your password is changed, and every session ended. Sign in with the new one.
        </NewPasswordForm>
      ) : (
        <AskForMail economy={economy} spent={error !== undefined} />
      )}
      <p className="mt-6 border-t border-line pt-4 text-sm">
        <TextLink to={paths.signIn(economy)}>Sign in</TextLink>
      </p>
    </Gate>
  )
}

function AskForMail({ economy, spent }: { economy: string; spent: boolean }) {
  const [email, setEmail] = useState('')
  const ask = useMutation({
    mutationFn: async () =>
      await auth(economy, '/request-password-reset', { email, redirectTo: `/console/${economy}/password` }),
  })
  if (ask.isSuccess)
    return (
      <Notice>If that address has an account, a mail with a link is on its way. It works once, within an hour.</Notice>
    )
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        ask.mutate()
      }}
    >
      {spent && <Notice tone="danger">This link was used already, or is too old. Ask for another here.</Notice>}
      <TextField
        label="E-mail"
        type="email"
        autoComplete="username"
        required
        value={email}
        onChange={({ target }) => setEmail(target.value)}
      />
      {ask.error && <Notice tone="danger">{sentenceOf(ask.error)}</Notice>}
      <Button type="submit" look="primary" busy={ask.isPending}>
        Send me a link
      </Button>
    </form>
  )
}
