import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { auth } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { BackupCodes } from '../components/backup-codes.tsx'
import { useEconomy } from '../components/economy.tsx'
import { QrCode } from '../components/qr-code.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Code } from '../ui/figures.tsx'
import { Badge, Card, Notice } from '../ui/surfaces.tsx'
import { withoutSpaces } from './sign-in-code.tsx'

/** A code from another device, asked for after the password. */
export function SecondFactor({ enabled }: { enabled: boolean }) {
  const [setup, setSetup] = useState<Setup>()
  return (
    <Card
      title={<>Second factor {enabled ? <Badge tone="good">On</Badge> : <Badge>Off</Badge>}</>}
      note="A code from an authenticator app, asked for after your password."
    >
      <div className="max-w-sm space-y-4">
        {setup && !enabled ? (
          <ConfirmSetup setup={setup} onDone={() => setSetup(undefined)} />
        ) : (
          <Ask enabled={enabled} onSetup={setSetup} />
        )}
      </div>
    </Card>
  )
}

interface Setup {
  totpURI: string
  backupCodes: string[]
}

/** Whoever sits before an open session must know the password, to turn it on or off. */
function Ask({ enabled, onSetup }: { enabled: boolean; onSetup: (setup: Setup) => void }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const [password, setPassword] = useState('')
  const ask = useMutation({
    mutationFn: async (verb: Verb) => await auth<Partial<Setup>>(economy, `/two-factor/${verb}`, { password }),
    onSuccess: async ({ totpURI, backupCodes }) => {
      setPassword('')
      if (totpURI !== undefined && backupCodes) onSetup({ totpURI, backupCodes })
      else await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        ask.mutate(enabled ? 'generate-backup-codes' : 'enable')
      }}
    >
      <TextField
        label="Your password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={({ target }) => setPassword(target.value)}
      />
      {ask.error && <Notice tone="danger">{sentenceOf(ask.error)}</Notice>}
      {enabled && ask.data?.backupCodes && <BackupCodes codes={ask.data.backupCodes} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look={enabled ? 'plain' : 'primary'} busy={ask.isPending}>
          {enabled ? 'Make new backup codes' : 'Set it up'}
        </Button>
        {enabled && (
          <Button
            look="danger"
            disabledReason={password === '' ? 'Give your password first.' : undefined}
            onClick={() => ask.mutate('disable')}
          >
            Turn it off
          </Button>
        )}
      </div>
    </form>
  )
}

type Verb = 'enable' | 'disable' | 'generate-backup-codes'

/** It is on once a code has shown that the app has the secret. */
function ConfirmSetup({ setup: { totpURI, backupCodes }, onDone }: { setup: Setup; onDone: () => void }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const [code, setCode] = useState('')
  const verify = useMutation({
    mutationFn: async () => await auth(economy, '/two-factor/verify-totp', { code }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [economy] })
      // Turned off and set up again, it has another secret.
      onDone()
    },
  })
  return (
    <>
      <p className="text-sm">1. Scan this with an authenticator app, or type the secret into it.</p>
      <QrCode text={totpURI} label="The secret, for an authenticator app" />
      <Code value={new URL(totpURI).searchParams.get('secret') ?? ''} />
      <p className="text-sm">2. Keep these: each signs you in once, without the app.</p>
      <BackupCodes codes={backupCodes} />
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          verify.mutate()
        }}
      >
        <TextField
          label="3. The code that the app shows"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          pattern="\d{6}"
          value={code}
          onChange={({ target }) => setCode(withoutSpaces(target.value))}
        />
        {verify.error && <Notice tone="danger">{sentenceOf(verify.error)}</Notice>}
        <Button type="submit" look="primary" busy={verify.isPending}>
          Turn it on
        </Button>
      </form>
    </>
  )
}
