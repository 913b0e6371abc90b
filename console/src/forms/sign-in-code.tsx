import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { auth } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/surfaces.tsx'

/** The second step of signing in, for who has a second factor. */
export function CodeForm({ economy, onSignedIn }: { economy: string; onSignedIn: () => void }) {
  const [code, setCode] = useState('')
  const verify = useMutation({
    mutationFn: async () => {
      const path = /^\d{6}$/.test(code) ? '/two-factor/verify-totp' : '/two-factor/verify-backup-code'
      await auth(economy, path, { code })
    },
    onSuccess: onSignedIn,
  })
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        verify.mutate()
      }}
    >
      <TextField
        label="Code"
        hint="Six digits from your authenticator, or one of your backup codes."
        autoComplete="one-time-code"
        required
        autoFocus
        value={code}
        onChange={({ target }) => setCode(target.value.trim())}
      />
      {verify.error && <Notice tone="danger">{sentenceOf(verify.error)}</Notice>}
      <Button type="submit" look="primary" busy={verify.isPending}>
        Sign in
      </Button>
    </form>
  )
}
