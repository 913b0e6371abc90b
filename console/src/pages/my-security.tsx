import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { auth } from '../api/auth.ts'
import { type Item, read, remove } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { type Column, Table } from '../components/table.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Moment } from '../ui/figures.tsx'
import { Badge, Card, Notice } from '../ui/surfaces.tsx'

/** Where I am signed in, and my password. */
export function MySecurityPage() {
  const sessions = useQuery(read(useEconomy(), '/me/sessions'))
  return (
    <Page title="Security" note="Where you are signed in, and what you sign in with.">
      <Loaded from={sessions}>
        {({ data }) => (
          <Card title="Sessions" note="A session that you end is dead at once.">
            <div className="-mx-4 -mb-4">
              <Table label="Sessions" columns={columns} rows={data} rowKey={({ id }) => id} />
            </div>
          </Card>
        )}
      </Loaded>
      <ChangePassword />
    </Page>
  )
}

type Session = Item<'/me/sessions'>

const columns: readonly Column<Session>[] = [
  {
    header: 'Device',
    cell: ({ device, current }) => (
      <span className="break-words">
        {device ?? 'unknown'} {current && <Badge tone="good">This one</Badge>}
      </span>
    ),
  },
  { header: 'Last seen', wide: true, cell: ({ last_seen_at }) => (last_seen_at ? <Moment at={last_seen_at} /> : '–') },
  { header: 'End it', cell: (session) => <EndSession session={session} /> },
]

function EndSession({ session: { id, current } }: { session: Session }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: async () => await remove(economy, '/me/sessions/{id}', { id }),
    onSettled: async () => await queries.invalidateQueries({ queryKey: [economy] }),
  })
  return (
    <>
      <Button
        look="quiet"
        busy={end.isPending}
        disabledReason={current ? 'This is where you are: sign out instead.' : undefined}
        onClick={() => end.mutate()}
      >
        End
      </Button>
      {end.error && <span className="text-xs text-danger">{sentenceOf(end.error)}</span>}
    </>
  )
}

function ChangePassword() {
  const economy = useEconomy()
  const [currentPassword, setCurrent] = useState('')
  const [newPassword, setNew] = useState('')
  const change = useMutation({
    mutationFn: async () => await auth(economy, '/change-password', { currentPassword, newPassword }),
    onSuccess: () => {
      setCurrent('')
      setNew('')
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
