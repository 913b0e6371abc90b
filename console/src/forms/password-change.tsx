import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { auth } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy } from '../components/economy.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'

export function ChangePassword() {
  const economy = useEconomy()
  const queries = useQueryClient()
  const [currentPassword, setCurrent] = useState('')
  const [newPassword, setNew] = useState('')
  const change = useMutation({
    mutationFn: async () => await auth(economy, '/change-password', { currentPassword, newPassword }),
    onSuccess: async () => {
      setCurrent('')
      setNew('')
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <Card title="Password" note="Changing it ends your other sessions.">
      <form
        className="max-w-sm space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          required
          value={currentPassword}
          onChange={({ target }) => setCurrent(target.value)}
        />
        <TextField
          label="New password"
          hint="At least 8 characters."
          type="password"
          autoComplete="new-password"
          required
          minLength={8}
          maxLength={256}
          value={newPassword}
          onChange={({ target }) => setNew(target.value)}
        />
        {change.error && <Notice tone="danger">{sentenceOf(change.error)}</Notice>}
        {change.isSuccess && <Notice tone="good">Your password is changed.</Notice>}
        <Button type="submit" look="primary" busy={change.isPending}>
          Change the password
        </Button>
      </form>
    </Card>
  )
}
