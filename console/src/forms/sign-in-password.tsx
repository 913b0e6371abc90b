import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { auth, type FirstStep } from '../api/auth.ts'
import { ApiError, sentenceOf } from '../api/errors.ts'
import { dropKey } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { LinkAgain } from './link-again.tsx'
import { CodeForm } from './sign-in-code.tsx'

/** E-mail and password, and then a code, where a second factor is wanted. */
export function PasswordForm({ economy, onSignedIn }: { economy: string; onSignedIn: () => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: async (to: string) => await auth<FirstStep>(economy, '/sign-in/email', { email: to, password }),
    onSuccess: ({ twoFactorRedirect }) => {
      dropKey(economy)
      if (!twoFactorRedirect) onSignedIn()
    },
  })
  const refusal = signIn.error instanceof ApiError ? signIn.error.code : undefined
  const unproven = refusal === 'email_not_verified' ? signIn.variables : undefined
  if (signIn.data?.twoFactorRedirect) {
    return <CodeForm economy={economy} onSignedIn={onSignedIn} onAgain={signIn.reset} />
  }
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        signIn.mutate(email)
      }}
    >
      <TextField
        label="E-mail"
        type="email"
        autoComplete="username"
        required
        value={email}
        onChange={({ target }) => setEmail(target.value)}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={({ target }) => setPassword(target.value)}
      />
      {signIn.error && <Notice tone="danger">{sentenceOf(signIn.error)}</Notice>}
      {unproven && <LinkAgain economy={economy} email={unproven} />}
      <Button type="submit" look="primary" busy={signIn.isPending}>
        Sign in
      </Button>
    </form>
  )
}
