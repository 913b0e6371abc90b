import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy, useNames } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { MyProof } from '../components/my-proof.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { paths } from '../paths.ts'
import { Amount, Count, Moment } from '../ui/figures.tsx'
import { grouped, weekOf } from '../ui/format.ts'
import { Card, Empty, Fact, Facts } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { CONTRIBUTION_COLUMNS } from './contributions.tsx'

type Reward = Item<'/me/rewards'>

/** One week of mine: each contribution with its multiplication, and how the reward came of them. */
export function MyWeekPage() {
  const economy = useEconomy()
  const { week } = useNames<'week'>()
  const week_start = `${week}T00:00:00.000Z`
  const rewards = useQuery(read(economy, '/me/rewards', { query: { week_start } }))
  const [reward] = rewards.data?.data ?? []
  return (
    <Page
      title={reward ? weekOf(reward) : `Week of ${week}`}
      note={<TextLink to={paths.page(economy, 'myContributions')}>My contributions</TextLink>}
    >
      <Loaded from={rewards} lines={3}>
        {() => (reward ? <Paid reward={reward} /> : <NotPaid />)}
      </Loaded>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">What you did</h2>
        <List
          label="Contributions of the week"
          path="/me/contributions"
          fixed={{ week_start }}
          columns={CONTRIBUTION_COLUMNS.filter(({ header }) => header !== 'Who')}
          rowKey={({ id }) => id}
          empty={<Empty title="You have not contributed in this week" />}
        />
      </section>
    </Page>
  )
}

function Paid({ reward }: { reward: Reward }) {
  const economy = useEconomy()
  const { total_points, carried_points, staking_multiplier, effective_points, token_amount, asset } = reward
  const { entry_id, posting, claimed_at } = reward
  return (
    <Card
      title="How the reward came about"
      actions={entry_id !== null && posting !== null && <MyProof entry={entry_id} posting={posting} sealed />}
    >
      <Facts>
        <Fact name="Points that it pays">
          <Count value={total_points} />
          {carried_points > 0 && ` (${grouped(String(carried_points))} of them carried from earlier weeks)`}
        </Fact>
        <Fact name="Times the staking multiplier">
          × {staking_multiplier} = {grouped(effective_points)} effective points
        </Fact>
        <Fact name="Your share of the week’s pool">
          <span className="text-lg font-semibold">
            <Amount value={token_amount} asset={asset} />
          </span>
        </Fact>
        <Fact name="Place in the week">
          <TextLink to={paths.weekBoard(economy, reward.weekly_distribution_id)}>
            <Count value={reward.rank} />
          </TextLink>
        </Fact>
        <Fact name="Paid">{claimed_at ? <Moment at={claimed_at} /> : 'not yet'}</Fact>
      </Facts>
    </Card>
  )
}

function NotPaid() {
  return (
    <Card title="No reward of this week">
      <p>
        Either the week is not distributed yet, and its points are provisional; or they were too few for the smallest
        reward, and are carried to the next week that pays you. Nothing is lost.
      </p>
    </Card>
  )
}
