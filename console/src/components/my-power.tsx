import { useQuery } from '@tanstack/react-query'

import { read } from '../api/client.ts'
import { paths } from '../paths.ts'
import { Amount } from '../ui/figures.tsx'
import { Card } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { useEconomy } from './economy.tsx'
import { Loaded } from './page.tsx'
import { PowerSum } from './power-sum.tsx'

/** What a vote of mine would weigh if voting opened now. */
export function MyPower() {
  const economy = useEconomy()
  const power = useQuery(read(economy, '/me/power'))
  return (
    <Card
      title="Governance power"
      note={<TextLink to={paths.page(economy, 'proposals')}>What there is to vote on</TextLink>}
    >
      <Loaded from={power} lines={2}>
        {(found) => (
          <div className="space-y-2">
            <PowerSum of={found} then="now" />
            <p className="text-sm text-muted">
              It takes <Amount value={found.proposal_threshold ?? ''} asset={found.asset} /> to propose something:{' '}
              {found.may_propose ? 'you may.' : 'you may not yet.'}
            </p>
          </div>
        )}
      </Loaded>
    </Card>
  )
}
