import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { MyProof } from '../components/my-proof.tsx'
import { Loaded, Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { Amount, Count } from '../ui/figures.tsx'
import { dayOf, grouped, weekOf } from '../ui/format.ts'
import { Empty, Figure } from '../ui/surfaces.tsx'
import { CONTRIBUTION_COLUMNS } from './contributions.tsx'

type Reward = Item<'/me/rewards'>

const rewards: readonly Column<Reward>[] = [
  { header: 'Week', cell: (reward) => weekOf(reward), csv: ({ week_start }) => week_start },
  {
    header: 'Points',
    figures: true,
    wide: true,
    cell: ({ total_points }) => grouped(String(total_points)),
    csv: ({ total_points }) => String(total_points),
  },
  {
    header: 'Multiplier',
    figures: true,
    wide: true,
    cell: ({ staking_multiplier }) => `× ${staking_multiplier}`,
    csv: ({ staking_multiplier }) => staking_multiplier,
  },
  {
    header: 'Reward',
    figures: true,
    cell: ({ token_amount, asset }) => <Amount value={token_amount} asset={asset} signed />,
    csv: ({ token_amount }) => token_amount,
  },
  {
    header: 'Proof',
    cell: ({ entry_id, posting }) =>
      entry_id !== null && posting !== null ? <MyProof entry={entry_id} posting={posting} sealed /> : '–',
    csv: ({ entry_id }) => entry_id ?? '',
  },
]

export function MyContributionsPage() {
  const summary = useQuery(read(useEconomy(), '/me/summary'))
  return (
    <Page
      title="My contributions"
      note="What you did, the points with their multiplication, and what each week paid you."
    >
      <Loaded from={summary} lines={3}>
        {(found) => (
          <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
            <Figure name="Points this week" note={`since ${dayOf(found.week.week_start)}`}>
              <Count value={found.week.points} />
            </Figure>
            <Figure name="Earned so far">
              <Amount value={found.total_tokens_earned} asset={found.asset} />
            </Figure>
            <Figure name="Points" note={`${found.total_contributions} contributions`}>
              <Count value={found.total_points} />
            </Figure>
            <Figure name="Reputation" note="0 to 100">
              {found.reputation_score}
            </Figure>
          </div>
        )}
      </Loaded>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">Rewards, week by week</h2>
        <List
          label="My rewards"
          path="/me/rewards"
          columns={rewards}
          rowKey={({ id }) => id}
          empty={
            <Empty title="No rewards yet">
              The first comes with the distribution of a week in which you had points.
            </Empty>
          }
        />
      </section>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">Contributions</h2>
        <List
          label="My contributions"
          path="/me/contributions"
          columns={CONTRIBUTION_COLUMNS.filter(({ header }) => header !== 'Who')}
          rowKey={({ id }) => id}
          empty={<Empty title="You have not contributed yet">Your edits appear here as the wiki records them.</Empty>}
        />
      </section>
    </Page>
  )
}
