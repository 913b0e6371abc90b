import { useQuery } from '@tanstack/react-query'

import { type Answer, read } from '../api/client.ts'
import { Code, Moment } from '../ui/figures.tsx'
import { Card, Fact, Facts } from '../ui/surfaces.tsx'
import { useEconomy } from './economy.tsx'
import { Loaded } from './page.tsx'

/** With what somebody signs in, and the wallets that are theirs; no secret is among it. */
export function PersonSignIn({ id }: { id: string }) {
  const economy = useEconomy()
  const ways = useQuery(read(economy, '/people/{id}/sign-in', { path: { id } }))
  const wallets = useQuery(read(economy, '/people/{id}/wallets', { path: { id } }))
  return (
    <Loaded from={ways} lines={3}>
      {(found) => (
        <Card title="Sign-in">
          <Facts>
            <Fact name="With">{waysOf(found)}</Fact>
            <Fact name="Second factor">{found.second_factor ? 'On' : 'Off'}</Fact>
            <Fact name="Sessions">
              {found.sessions === 0 ? 'Signed in nowhere' : `Signed in on ${found.sessions}`}
              {found.last_seen_at && (
                <>
                  , last seen <Moment at={found.last_seen_at} />
                </>
              )}
            </Fact>
            {wallets.data?.data.map(({ chain, address }) => (
              <Fact key={chain} name={`Wallet on ${CHAINS[chain]}`} wide>
                <Code value={address} />
              </Fact>
            ))}
          </Facts>
        </Card>
      )}
    </Loaded>
  )
}

const CHAINS = { evm: 'EVM chains', solana: 'Solana' } as const

function waysOf({ password, passkeys, email_verified }: Answer<'/people/{id}/sign-in'>): string {
  const ways = [password && 'a password', passkeys === 1 && 'a passkey', passkeys > 1 && `${passkeys} passkeys`]
  const said = ways.flatMap((way) => way || []).join(' and ')
  if (said === '') return 'Nothing yet'
  return email_verified ? said : `${said}, once their address is proven`
}
