import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { auth } from '../api/auth.ts'
import { ApiError, sentenceOf } from '../api/errors.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

/** A new password, by the token that a mail brought; `children` is said when it is set. */
export function NewPasswordForm({ economy, token, children }: NewPasswordFormProps) {
  const [newPassword, setNewPassword] = useState('')
  const change = useMutation({ mutationFn: async () => await auth(economy, '/reset-password', { token, newPassword }) })
  if (change.isSuccess) return <Notice tone="good">{children}</Notice>
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate()
      }}
    >
      <TextField
        label="New password"
        hint="At least 8 characters."
        type="password"
        autoComplete="new-password"
        required
        minLength={8}
        maxLength={256}
        value={newPassword}
        onChange={({ target }) => setNewPassword(target.value)}
      />
      {change.error && <Notice tone="danger">{sentenceOf(change.error)}</Notice>}
      {change.error instanceof ApiError && change.error.code === 'invalid_token' && (
        <p className="text-sm">
          <TextLink to={paths.forgot(economy)}>Ask for another link</TextLink>
        </p>
      )}
      <Button type="submit" look="primary" busy={change.isPending}>
        Set the password
      </Button>
    </form>
  )
}

interface NewPasswordFormProps {
  economy: string
  token: string
  children: ReactNode
}
