import { useQuery } from '@tanstack/react-query'

import { type Answer, read } from '../api/client.ts'
import { useEconomy, useNames } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { Unstake } from '../forms/unstake.tsx'
import { paths } from '../paths.ts'
import { Amount, Moment } from '../ui/figures.tsx'
import { approximate, counted, percentOf, words } from '../ui/format.ts'
import { Badge, Card, Fact, Facts, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Stake = Answer<'/me/stakes/{id}'>

/** What it has earned grows while the page is open, until it is paid. */
const GROWS_MS = 5_000

export function MyStakePage() {
  const economy = useEconomy()
  const { id } = useNames<'id'>()
  const stake = useQuery({
    ...read(economy, '/me/stakes/{id}', { path: { id } }),
    refetchInterval: ({ state }) => (state.data?.paid_at === null ? GROWS_MS : false),
  })
  return (
    <Page
      title={stake.data ? `Stake of ${stake.data.duration_days} days` : 'Stake'}
      note={<TextLink to={paths.page(economy, 'myStakes')}>My stakes</TextLink>}
      actions={stake.data && <Unstake stake={stake.data} />}
    >
      <Loaded from={stake}>
        {(found) => (
          <>
            {found.failure && (
              <Notice tone="warning" title="It could not be paid back yet">
                It is tried again by itself. If it stays so, tell your operator this code: {found.failure}.
              </Notice>
            )}
            <Earned of={found} />
            <Card title="What was agreed" note="Later changes of the rules touch new stakes only.">
              <Facts>
                <Fact name="Staked">
                  <Amount value={found.amount} asset={found.asset} />
                </Fact>
                <Fact name="Reward for the whole term">
                  <Amount value={found.reward} asset={found.asset} />, set aside
                </Fact>
                <Fact name="Began">
                  <Moment at={found.start_date} />
                </Fact>
                <Fact name="Ends">
                  <Moment at={found.end_date} />
                </Fact>
                <Fact name="Interest a year">{percentOf(found.apy_rate)}</Fact>
                <Fact name="Points of each whole week">× {found.multiplier}, for a stake that counts in full</Fact>
                <Fact name="Ended early" wide>
                  No reward, no multiplier from then on; the amount
                  {/^0(\.0*)?$/.test(found.early_unstake_penalty) ? (
                    ''
                  ) : (
                    <>
                      {' less '}
                      <Amount value={found.early_unstake_penalty} asset={found.asset} />
                    </>
                  )}{' '}
                  comes back after {counted(found.early_unstake_delay_days, 'day')}.
                </Fact>
              </Facts>
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Earned({ of: { status, rewards_earned, reward, asset, amount, penalty, due_at, paid_at } }: { of: Stake }) {
  const part = approximate(reward) > 0 ? Math.min(approximate(rewards_earned) / approximate(reward), 1) : 0
  return (
    <Card title="How it stands">
      <div className="space-y-4">
        <p>
          <Badge tone={status === 'active' ? 'good' : 'plain'}>{words(status)}</Badge>
        </p>
        {status === 'unstaked_early' ? (
          <p>
            It was ended early and earned nothing. {paid_at ? 'The rest was paid back ' : 'The rest is paid back '}
            <Moment at={paid_at ?? due_at} />
            {!/^0(\.0*)?$/.test(penalty) && (
              <>
                , less <Amount value={penalty} asset={asset} />
              </>
            )}
            .
          </p>
        ) : (
          <div>
            <p>
              <span className="text-lg font-semibold">
                <Amount value={rewards_earned} asset={asset} />
              </span>{' '}
              <span className="text-muted">
                of <Amount value={reward} asset={asset} /> earned so far
              </span>
            </p>
            <div aria-hidden="true" className="mt-1 h-2 overflow-hidden rounded-full bg-raised">
              <div className="h-full rounded-full bg-accent" style={{ width: `${part * 100}%` }} />
            </div>
            <p className="mt-2 text-sm text-muted">
              <Amount value={amount} asset={asset} /> and the reward{' '}
              {paid_at ? 'were paid ' : 'are paid by themselves '}
              <Moment at={paid_at ?? due_at} />.
            </p>
          </div>
        )}
      </div>
    </Card>
  )
}
