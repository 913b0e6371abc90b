import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy, useNames, useRefusal } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Amount, Count, Day } from '../ui/figures.tsx'
import { grouped, weekOf, words } from '../ui/format.ts'
import { Badge, Empty, Figure } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

export function ContributorPage() {
  const economy = useEconomy()
  const { username } = useNames<'username'>()
  const contributor = useQuery(read(economy, '/contributors/{username}', { path: { username } }))
  const asset = useQuery(read(economy, '/dashboard')).data?.asset ?? ''
  const books = useRefusal('ledger.read')
  return (
    <Page
      title={username}
      note={
        <>
          <TextLink to={paths.page(economy, 'contributors')}>Contributors</TextLink>
          {contributor.data && (
            <>
              {' · joined '}
              <Day at={contributor.data.joined_at} />
            </>
          )}
          {contributor.data && books === undefined && (
            <>
              {' · '}
              <TextLink to={paths.account(economy, `users:${contributor.data.user_id}:available`)}>account</TextLink>
            </>
          )}
        </>
      }
    >
      <Loaded from={contributor} lines={3}>
        {(found) => (
          <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
            <Figure name="Earned">
              <Amount value={found.total_tokens_earned} asset={asset} />
            </Figure>
            <Figure
              name="Points"
              note={found.carried_points > 0 ? `${found.carried_points} carried to the next week` : 'all counted'}
            >
              <Count value={found.total_points} />
            </Figure>
            <Figure name="Contributions">
              <Count value={found.total_contributions} />
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
          label="Rewards"
          path="/contributors/{username}/rewards"
          names={{ username }}
          columns={columns}
          rowKey={({ id }) => id}
          empty={
            <Empty title="No rewards yet">
              The first comes with the distribution of a week in which there were points.
            </Empty>
          }
        />
      </section>
      <p>
        <TextLink to={{ ...paths.page(economy, 'contributions'), search: { username } }}>
          All contributions of {username}
        </TextLink>
      </p>
    </Page>
  )
}

type Reward = Item<'/contributors/{username}/rewards'>

const columns: readonly Column<Reward>[] = [
  { header: 'Week', cell: (reward) => <Week reward={reward} />, csv: ({ week_start }) => week_start },
  {
    header: 'Points',
    figures: true,
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
    header: 'Status',
    wide: true,
    cell: ({ status }) => <Badge tone={status === 'completed' ? 'good' : 'plain'}>{words(status)}</Badge>,
    csv: ({ status }) => status,
  },
]

function Week({ reward }: { reward: Reward }) {
  const economy = useEconomy()
  const may = useRefusal('ledger.read') === undefined
  const { entry_id } = reward
  return entry_id && may ? <TextLink to={paths.entry(economy, entry_id)}>{weekOf(reward)}</TextLink> : weekOf(reward)
}
