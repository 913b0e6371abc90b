import { useQuery } from '@tanstack/react-query'

import { type Answer, read } from '../api/client.ts'
import { useEconomy, useNames, useRefusal } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { PersonAccounts } from '../components/person-accounts.tsx'
import { PersonSignIn } from '../components/person-sign-in.tsx'
import { YearlyStatement } from '../components/yearly-statement.tsx'
import { MakeClaimCode } from '../forms/claim-code.tsx'
import { Impersonate } from '../forms/impersonate.tsx'
import { SetRole } from '../forms/role-set.tsx'
import { paths } from '../paths.ts'
import { Code, Day } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Card, Fact, Facts, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Person = Answer<'/people/{id}'>

/** Somebody as staff see them: who they are, what they may do, and what staff may do for them. */
export function PersonPage() {
  const economy = useEconomy()
  const { id } = useNames<'id'>()
  const person = useQuery(read(economy, '/people/{id}', { path: { id } }))
  const books = useRefusal('ledger.read')
  return (
    <Page
      title={person.data?.username ?? 'Person'}
      note={<TextLink to={paths.page(economy, 'people')}>People</TextLink>}
    >
      <Loaded from={person}>
        {(found) => (
          <>
            {found.became && (
              <Notice>
                This name was given up: its holder is{' '}
                <TextLink to={paths.person(economy, found.became)}>somebody else</TextLink> now.
              </Notice>
            )}
            <Who person={found} />
            {found.signs_in && <PersonSignIn id={found.id} />}
            {books === undefined && <PersonAccounts id={found.id} />}
            {books === undefined && <YearlyStatement since={found.joined_at} of={found} />}
            <SetRole person={found} />
            {!found.signs_in && !found.became && <MakeClaimCode person={found} />}
            <Impersonate person={found} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Who({ person: { id, username, joined_at, signs_in, role } }: { person: Person }) {
  const economy = useEconomy()
  return (
    <Card title="Who it is">
      <Facts>
        <Fact name="Joined">
          <Day at={joined_at} />
        </Fact>
        <Fact name="Signs in">{signs_in ? 'Yes' : 'Nobody does: the person was imported'}</Fact>
        <Fact name="Acts as">{role ? words(role) : 'Member'}</Fact>
        <Fact name="Id">
          <Code value={id} />
        </Fact>
        <Fact name="Contributions and rewards">
          <TextLink to={paths.contributor(economy, username)}>As a contributor</TextLink>
        </Fact>
      </Facts>
    </Card>
  )
}
