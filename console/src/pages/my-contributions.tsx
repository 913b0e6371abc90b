import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { MyProof } from '../components/my-proof.tsx'
import { Loaded, Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Amount, Count } from '../ui/figures.tsx'
import { counted, dayOf, grouped, weekOf } from '../ui/format.ts'
import { Empty, Figure } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { CONTRIBUTION_COLUMNS, TYPE_FILTER } from './contributions.tsx'

type Reward = Item<'/me/rewards'>

const rewards: readonly Column<Reward>[] = [
  {
    header: 'Week',
    cell: (reward) => (
      <>
        <Week of={reward} />
        <div className="text-sm text-muted md:hidden">
          <PaidPoints of={reward} /> points
        </div>
      </>
    ),
    csv: ({ week_start }) => week_start,
  },
  {
    header: 'Points',
    figures: true,
    wide: true,
    cell: (reward) => <PaidPoints of={reward} />,
    csv: ({ total_points }) => String(total_points),
  },
  {
    header: 'Of them carried',
    figures: true,
    wide: true,
    cell: ({ carried_points }) => <Count value={carried_points} />,
    csv: ({ carried_points }) => String(carried_points),
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
  const economy = useEconomy()
  const summary = useQuery(read(economy, '/me/summary'))
  return (
    <Page
      title="My contributions"
      note="What you did, the points with their multiplication, and what each week paid you."
    >
      <Loaded from={summary} lines={3}>
        {(found) => (
          <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
            <Figure
              name="Points this week"
              note={
                <TextLink to={paths.myWeek(economy, found.week.week_start.slice(0, DAY))}>
                  since {dayOf(found.week.week_start)}
                </TextLink>
              }
            >
              <Count value={found.week.points} />
            </Figure>
            <Figure name="Earned so far">
              <Amount value={found.total_tokens_earned} asset={found.asset} />
            </Figure>
            <Figure
              name="Points"
              note={
                found.carried_points > 0
                  ? `${grouped(String(found.carried_points))} carried to the next week that pays you`
                  : counted(found.total_contributions, 'contribution')
              }
            >
              <Count value={found.total_points} />
            </Figure>
            <Figure name="Reputation" note="what your points are multiplied by">
              {found.reputation_score}
            </Figure>
          </div>
        )}
      </Loaded>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">Rewards, week by week</h2>
        <List
          label="My rewards"
          slot="reward"
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
          filters={[TYPE_FILTER]}
          empty={<Empty title="You have not contributed yet">Your edits appear here as the wiki records them.</Empty>}
        />
      </section>
    </Page>
  )
}

const DAY = '2026-01-05'.length

function Week({ of: reward }: { of: Reward }) {
  return <TextLink to={paths.myWeek(useEconomy(), reward.week_start.slice(0, DAY))}>{weekOf(reward)}</TextLink>
}

/** With the staking multiplier, where there was one. */
function PaidPoints({ of: { total_points, staking_multiplier, effective_points } }: { of: Reward }) {
  return (
    <span>
      <Count value={total_points} />
      {staking_multiplier !== '1' && (
        <span className="whitespace-nowrap text-muted">
          {' '}
          × {staking_multiplier} = {grouped(effective_points)}
        </span>
      )}
    </span>
  )
}
