import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { fetchRead } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { dropKey, keepKey } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/surfaces.tsx'

export function KeyForm({ economy, onSignedIn }: { economy: string; onSignedIn: () => void }) {
  const [key, setKey] = useState('')
  const signIn = useMutation({
    mutationFn: async () => {
      keepKey(economy, key.trim())
      return await fetchRead(economy, '/permissions')
    },
    onSuccess: onSignedIn,
    onError: () => dropKey(economy),
  })
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        signIn.mutate()
      }}
    >
      <TextField
        label="API key"
        hint="It is kept in this tab alone, until you close it or sign out."
        type="password"
        autoComplete="off"
        required
        placeholder="fl_…"
        value={key}
        onChange={({ target }) => setKey(target.value)}
      />
      {signIn.error && <Notice tone="danger">{sentenceOf(signIn.error)}</Notice>}
      <Button type="submit" look="primary" busy={signIn.isPending}>
        Sign in
      </Button>
      <p className="text-sm text-muted">
        The server shows the owner’s key on its first start; <code className="font-mono">florin key create</code> makes
        another.
      </p>
    </form>
  )
}
