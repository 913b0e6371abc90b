import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { auth } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/surfaces.tsx'

/** The second step of signing in, for who has a second factor. */
export function CodeForm({ economy, onSignedIn, onAgain }: CodeFormProps) {
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
        onChange={({ target }) => setCode(withoutSpaces(target.value))}
      />
      {verify.error && <Notice tone="danger">{sentenceOf(verify.error)}</Notice>}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={verify.isPending}>
          Sign in
        </Button>
        <Button look="quiet" onClick={onAgain}>
          Begin again
        </Button>
      </div>
    </form>
  )
}

interface CodeFormProps {
  economy: string
  onSignedIn: () => void
  /** Back to the first step, which is good for a few minutes. */
  onAgain: () => void
}

/** Apps show a code in groups. */
export function withoutSpaces(code: string): string {
  return code.replaceAll(/\s/g, '')
}
