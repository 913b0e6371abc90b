import { useQuery } from '@tanstack/react-query'

import { read } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { ClaimForm } from '../forms/claim.tsx'
import { AcceptInvitation } from '../forms/invitation-accept.tsx'

/** What one-time codes from staff are for. */
export function MyCodesPage() {
  const me = useQuery(read(useEconomy(), '/me'))
  return (
    <Page title="Codes from staff" note="Each works once, for whoever enters it first.">
      <Loaded from={me} lines={3}>
        {({ username }) => (
          <div className="grid items-start gap-5 lg:grid-cols-2">
            <ClaimForm username={username} />
            <AcceptInvitation />
          </div>
        )}
      </Loaded>
    </Page>
  )
}
