import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'

import { useEconomy, useFilters } from '../components/economy.tsx'
import { Gate } from '../components/gate.tsx'
import { rememberEconomy } from '../components/known-economies.ts'
import { KeyForm } from '../forms/sign-in-key.tsx'
import { PasskeyForm } from '../forms/sign-in-passkey.tsx'
import { PasswordForm } from '../forms/sign-in-password.tsx'
import { WalletForm } from '../forms/sign-in-wallet.tsx'
import { paths } from '../paths.ts'
import { TextLink } from '../ui/text-link.tsx'

export function SignInPage() {
  const economy = useEconomy()
  const { next, by } = useFilters()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const enter = () => {
    rememberEconomy(economy)
    queries.clear()
    // Only an address of this economy: a link may not lead who signs in elsewhere.
    const inside = next?.startsWith(`/${economy}/`) && !next.startsWith(`/${economy}/sign-in`)
    void navigate(inside ? { href: next as string } : paths.economy(economy))
  }
  const here = (how: string) => ({ ...paths.signIn(economy), search: { ...(next && { next }), by: how } })
  return (
    <Gate title="Sign in" note={<>to the economy {economy}</>}>
      {by === 'key' && <KeyForm economy={economy} onSignedIn={enter} />}
      {by === 'passkey' && <PasskeyForm economy={economy} onSignedIn={enter} />}
      {by === 'wallet' && <WalletForm economy={economy} onSignedIn={enter} />}
      {!by && <PasswordForm economy={economy} onSignedIn={enter} />}
      <ul className="mt-6 space-y-1.5 border-t border-line pt-4 text-sm">
        {!by && (
          <>
            <li>
              <TextLink to={paths.signUp(economy)}>Create an account</TextLink>
            </li>
            <li>
              <TextLink to={paths.forgot(economy)}>Choose a new password</TextLink>
            </li>
          </>
        )}
        {WAYS.filter((way) => way.by !== (by ?? '')).map((way) => (
          <li key={way.by}>
            <TextLink to={here(way.by)}>Sign in with {way.name}</TextLink>
          </li>
        ))}
      </ul>
    </Gate>
  )
}

const WAYS = [
  { by: '', name: 'a password' },
  { by: 'passkey', name: 'a passkey' },
  { by: 'wallet', name: 'a wallet' },
  { by: 'key', name: 'an API key' },
] as const
