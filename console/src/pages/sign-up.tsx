import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { auth } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy } from '../components/economy.tsx'
import { Gate } from '../components/gate.tsx'
import { LinkAgain } from '../forms/link-again.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

export function SignUpPage() {
  const economy = useEconomy()
  const [username, setUsername] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const signUp = useMutation({
    mutationFn: async () => await auth(economy, '/sign-up/email', { username, email, password }),
  })
  if (signUp.isSuccess) {
    return (
      <Gate title="Look into your mail">
        <p>
          We wrote to {email}. Open the link in it within an hour and in this browser: it confirms the address and signs
          you in.
        </p>
        <p className="mt-2 mb-5 text-sm text-muted">
          Is the address wrong? Sign up again with the right one: until an address is confirmed, the name is free.
        </p>
        <LinkAgain economy={economy} email={email} />
        <ul className="mt-6 space-y-1.5 border-t border-line pt-4 text-sm">
          <li>
            <TextLink to={paths.signIn(economy)}>Back to signing in</TextLink>
          </li>
        </ul>
      </Gate>
    )
  }
  return (
    <Gate title="Create an account" note={<>in the economy {economy}</>}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          signUp.mutate()
        }}
      >
        <TextField
          label="Username"
          hint="Everybody sees it beside your contributions."
          autoComplete="nickname"
          required
          maxLength={100}
          value={username}
          onChange={({ target }) => setUsername(target.value)}
        />
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
          hint="At least 8 characters."
          type="password"
          autoComplete="new-password"
          required
          minLength={8}
          maxLength={256}
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        />
        {signUp.error && <Notice tone="danger">{sentenceOf(signUp.error)}</Notice>}
        <Button type="submit" look="primary" busy={signUp.isPending}>
          Create the account
        </Button>
      </form>
      <p className="mt-6 border-t border-line pt-4 text-sm">
        <TextLink to={paths.signIn(economy)}>I have an account</TextLink>
      </p>
    </Gate>
  )
}
