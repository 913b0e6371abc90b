import { Navigate } from '@tanstack/react-router'

import { useEconomy, useFilters } from '../components/economy.tsx'
import { Gate } from '../components/gate.tsx'
import { NewPasswordForm } from '../forms/new-password.tsx'
import { paths } from '../paths.ts'
import { Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

/** Where the link of a mail leads that proves an address: on, to a new password, or to why not. */
export function ConfirmPage() {
  const economy = useEconomy()
  const { token, error = '' } = useFilters()
  if (!token && !error) return <Navigate {...paths.economy(economy)} replace />
  return (
    <Gate title="Confirm your address" note={<>for the economy {economy}</>}>
      {token ? (
        <>
          <p className="mb-5 text-sm text-muted">
            You signed up in another browser, or somebody else did with your address. Set a password here to confirm it:
            it replaces the one that was chosen when signing up.
          </p>
          <NewPasswordForm economy={economy} token={token}>
            Your address is confirmed, and your password set. Sign in with it.
          </NewPasswordForm>
        </>
      ) : (
        <Notice tone="danger">{REASONS[error] ?? UNKNOWN}</Notice>
      )}
      <ul className="mt-6 space-y-1.5 border-t border-line pt-4 text-sm">
        <li>
          <TextLink to={paths.signIn(economy)}>Sign in</TextLink>
        </li>
        {error && (
          <li>
            <TextLink to={paths.signUp(economy)}>Create an account</TextLink>
          </li>
        )}
      </ul>
    </Gate>
  )
}

const UNKNOWN = 'This link is not one of ours, or not whole. Copy all of it from the mail.'
const REASONS: Readonly<Record<string, string>> = {
  link_replaced:
    'This link is of a sign-up that has expired or was replaced by another. Open the newest mail, or sign up again.',
  username_taken: 'Somebody else has the name that you chose by now. Sign up again with another one.',
  sign_in_first: 'Sign in here first, then open the link again: it changes the address of whoever is signed in.',
  TOKEN_EXPIRED: 'This link has expired. Sign in with your password, and another one is mailed to you.',
}
