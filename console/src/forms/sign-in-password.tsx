import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { auth } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { dropKey } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/surfaces.tsx'

/** E-mail and password, and then a code, where a second factor is wanted. */
export function PasswordForm({ economy, onSignedIn }: { economy: string; onSignedIn: () => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<string>()
  const signIn = useMutation({
    mutationFn: async () => {
      if (code !== undefined) {
        const path = /^\d{6}$/.test(code) ? '/two-factor/verify-totp' : '/two-factor/verify-backup-code'
        await auth(economy, path, { code })
        return false
      }
      const answer = await auth<{ twoFactorRedirect?: boolean }>(economy, '/sign-in/email', { email, password })
      return answer.twoFactorRedirect === true
    },
    onSuccess: (wantsCode) => {
      dropKey(economy)
      if (wantsCode) setCode('')
      else onSignedIn()
    },
  })
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        signIn.mutate()
      }}
    >
      {code === undefined ? (
        <>
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
        </>
      ) : (
        <TextField
          label="Code"
          hint="Six digits from your authenticator, or one of your backup codes."
          autoComplete="one-time-code"
          required
          value={code}
          onChange={({ target }) => setCode(target.value.trim())}
        />
      )}
      {signIn.error && <Notice tone="danger">{sentenceOf(signIn.error)}</Notice>}
      <Button type="submit" look="primary" busy={signIn.isPending}>
        Sign in
      </Button>
    </form>
  )
}
