import { useQuery } from '@tanstack/react-query'

import { read } from '../api/client.ts'
import { useCaller, useEconomy } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { PowerSum } from '../components/power-sum.tsx'
import { ProposalForm } from '../forms/proposal-new.tsx'
import { paths } from '../paths.ts'
import { Amount } from '../ui/figures.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

export function NewProposalPage() {
  const economy = useEconomy()
  const { data: caller } = useCaller()
  const member = caller?.person !== null
  const power = useQuery({ ...read(economy, '/me/power'), enabled: member })
  return (
    <Page title="New proposal" note={<TextLink to={paths.page(economy, 'proposals')}>Proposals</TextLink>}>
      {member ? (
        <Loaded from={power}>
          {(found) => (
            <>
              <Card title="May you propose?">
                <div className="space-y-3">
                  <PowerSum of={found} then="now" />
                  <Notice tone={found.may_propose ? 'good' : 'warning'}>
                    {found.may_propose ? 'You may: a proposal takes ' : 'Not yet: a proposal takes '}
                    <Amount value={found.proposal_threshold ?? ''} asset={found.asset} />
                    {found.may_propose ? ' of voting power.' : ' of voting power. Contribute and stake to get more.'}
                  </Notice>
                </div>
              </Card>
              <ProposalForm power={found} />
            </>
          )}
        </Loaded>
      ) : (
        <Notice tone="warning">Members propose. You act with a key of staff, which belongs to no person.</Notice>
      )}
    </Page>
  )
}
