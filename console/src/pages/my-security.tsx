import { useQuery } from '@tanstack/react-query'

import { authRead, type SignedIn } from '../api/auth.ts'
import { read } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { Sessions } from '../components/sessions.tsx'
import { EmailChangeNews, EmailForm } from '../forms/email-change.tsx'
import { Passkeys } from '../forms/passkeys.tsx'
import { ChangePassword } from '../forms/password-change.tsx'
import { SecondFactor } from '../forms/second-factor.tsx'
import { Day } from '../ui/figures.tsx'
import { Card, Fact, Facts } from '../ui/surfaces.tsx'

/** Who I am here, what I sign in with, and where I am signed in. */
export function MySecurityPage() {
  const economy = useEconomy()
  const me = useQuery(read(economy, '/me'))
  const signedIn = useQuery(authRead<SignedIn | null>(economy, '/get-session'))
  return (
    <Page title="Security" note="Who you are here, what you sign in with, and where you are signed in.">
      <EmailChangeNews />
      <Loaded from={me} lines={3}>
        {({ username, joined_at, role }) => (
          <Card title="Profile">
            <Facts>
              <Fact name="Username">{username}</Fact>
              <Fact name="Joined">
                <Day at={joined_at} />
              </Fact>
              <Fact name="E-mail">{signedIn.data?.user.email ?? '–'}</Fact>
              <Fact name="Role">
                <span className="capitalize">{role}</span>
              </Fact>
            </Facts>
          </Card>
        )}
      </Loaded>
      <Sessions />
      <ChangePassword />
      {signedIn.data && (
        <>
          <SecondFactor enabled={signedIn.data.user.twoFactorEnabled} />
          <Passkeys />
          <EmailForm />
        </>
      )}
    </Page>
  )
}
