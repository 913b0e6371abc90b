import { useQuery } from '@tanstack/react-query'

import { read } from '../api/client.ts'
import { DiffTable } from '../components/diff.tsx'
import { useEconomy, useNames } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { VerifyEvent } from '../components/verify-event.tsx'
import { paths } from '../paths.ts'
import { Code, Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Card, Fact, Facts } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

export function AuditEventPage() {
  const economy = useEconomy()
  const { id } = useNames<'id'>()
  const event = useQuery(read(economy, '/audit/{id}', { path: { id } }))
  const audit = paths.page(economy, 'audit')
  return (
    <Page title={event.data ? words(event.data.action) : 'Audit event'} note={<TextLink to={audit}>Audit</TextLink>}>
      <Loaded from={event}>
        {(found) => (
          <>
            <Card title="Who did what">
              <Facts>
                <Fact name="Done by">
                  {found.actor === null ? (
                    'erased'
                  ) : (
                    <TextLink to={{ ...audit, search: { actor: found.actor } }}>{found.actor}</TextLink>
                  )}
                </Fact>
                <Fact name="When">
                  <Moment at={found.at} />
                </Fact>
                <Fact name="What">
                  <TextLink to={{ ...audit, search: { action: found.action } }}>{found.action}</TextLink>
                </Fact>
                <Fact name="To what">
                  <TextLink to={{ ...audit, search: { subject: found.subject } }}>{found.subject}</TextLink>
                </Fact>
                <Fact name="Place in the log">{found.leaf === null ? 'in a moment' : `leaf ${found.leaf}`}</Fact>
                <Fact name="Id">
                  <Code value={found.id} />
                </Fact>
              </Facts>
            </Card>
            <Card title="What changed">
              <DiffTable diff={found.diff} />
            </Card>
            <VerifyEvent id={found.id} sealed={found.leaf !== null} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
