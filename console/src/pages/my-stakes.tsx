import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { StakeForm } from '../forms/stake.tsx'
import { Unstake } from '../forms/unstake.tsx'
import { paths } from '../paths.ts'
import { Amount, Day } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Card, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Stake = Item<'/me/stakes'>

const columns: readonly Column<Stake>[] = [
  {
    header: 'Amount',
    cell: (stake) => <Staked of={stake} />,
    csv: ({ amount }) => amount,
  },
  {
    header: 'Term',
    wide: true,
    cell: ({ duration_days }) => `${duration_days} days`,
    csv: ({ duration_days }) => String(duration_days),
  },
  {
    header: 'Multiplier',
    figures: true,
    wide: true,
    cell: ({ multiplier }) => `× ${multiplier}`,
    csv: ({ multiplier }) => multiplier,
  },
  {
    header: 'Earned so far',
    figures: true,
    wide: true,
    cell: ({ rewards_earned, asset }) => <Amount value={rewards_earned} asset={asset} />,
    csv: ({ rewards_earned }) => rewards_earned,
  },
  {
    header: 'Reward',
    figures: true,
    wide: true,
    cell: ({ reward, asset }) => <Amount value={reward} asset={asset} />,
    csv: ({ reward }) => reward,
  },
  { header: 'Paid back', wide: true, cell: ({ due_at }) => <Day at={due_at} />, csv: ({ due_at }) => due_at },
  {
    header: 'Status',
    cell: ({ status }) => <Badge tone={status === 'active' ? 'good' : 'plain'}>{words(status)}</Badge>,
    csv: ({ status }) => status,
  },
  { header: 'End early', cell: (stake) => <Unstake stake={stake} /> },
]

export function MyStakesPage() {
  const pools = useQuery(read(useEconomy(), '/staking/pools'))
  return (
    <Page
      title="My stakes"
      note="Lock what you have for a term: it earns interest, and your weekly rewards are multiplied meanwhile."
    >
      <Loaded from={pools}>
        {({ data }) =>
          data.length === 0 ? (
            <Card>
              <Empty title="Nothing can be staked here" />
            </Card>
          ) : (
            data.map((pool) => <StakeForm key={pool.code} pool={pool} />)
          )
        }
      </Loaded>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">Your stakes</h2>
        <List
          label="My stakes"
          path="/me/stakes"
          columns={columns}
          rowKey={({ id }) => id}
          filters={[
            {
              name: 'status',
              label: 'Status',
              options: [
                ['', 'Every status'],
                ['active', 'Active'],
                ['completed', 'Completed'],
                ['unstaked_early', 'Ended early'],
              ],
            },
          ]}
          empty={
            <Empty title="You have no stakes yet">Say above how much and for how long, and see what you get.</Empty>
          }
        />
      </section>
    </Page>
  )
}

function Staked({ of: { id, amount, asset } }: { of: Stake }) {
  return (
    <TextLink to={paths.myStake(useEconomy(), id)}>
      <Amount value={amount} asset={asset} />
    </TextLink>
  )
}
