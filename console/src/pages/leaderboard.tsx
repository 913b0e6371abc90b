import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'

import { type Item, read, type ReadParams } from '../api/client.ts'
import { useCaller, useEconomy, useFilters, useNames } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { SelectField } from '../ui/field.tsx'
import { Amount, Count } from '../ui/figures.tsx'
import { grouped, weekOf } from '../ui/format.ts'
import { Badge, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

/** Who earned and did most: of all time in any order, or in one week by what it paid. */
export function LeaderboardPage() {
  const { id } = useNames<'id'>()
  return (
    <Page title="Leaderboard" note="Who earned and did the most, of all time or in a week.">
      <ChooseWeek chosen={id} />
      {id === undefined ? <AllTime /> : <OneWeek key={id} id={id} />}
    </Page>
  )
}

function ChooseWeek({ chosen = '' }: { chosen: string | undefined }) {
  const economy = useEconomy()
  const navigate = useNavigate()
  const weeks = useQuery(read(economy, '/distributions', { query: { limit: WEEKS } }))
  const options = (weeks.data?.data ?? []).map((week) => [week.id, weekOf(week)] as const)
  return (
    <div className="max-w-xs">
      <SelectField
        label="Time"
        value={chosen}
        options={[['', 'All time'], ...options]}
        onChange={({ target }) =>
          void navigate(
            target.value === '' ? paths.page(economy, 'leaderboard') : paths.weekBoard(economy, target.value),
          )
        }
      />
    </div>
  )
}

const WEEKS = 200

type Contributor = Item<'/contributors'>
type Order = NonNullable<NonNullable<ReadParams<'/me/rank'>['query']>['order']>

const ORDERS: readonly (readonly [Order | '', string])[] = [
  ['', 'By tokens earned'],
  ['total_points', 'By points'],
  ['reputation_score', 'By reputation'],
  ['total_contributions', 'By contributions'],
]

function AllTime() {
  const economy = useEconomy()
  const asset = useQuery(read(economy, '/dashboard')).data?.asset ?? ''
  const { order = BY_TOKENS } = useFilters() as { order?: Order }
  const member = useCaller().data?.person !== null
  const own = useQuery({ ...read(economy, '/me/rank', { query: { order } }), enabled: member }).data
  return (
    <>
      {own && <OwnPlace rank={own.rank} />}
      <List
        label="Leaderboard"
        path="/contributors"
        fixed={{ order: BY_TOKENS }}
        filters={[{ name: 'order', label: 'Order', options: ORDERS }]}
        columns={columnsOf(asset, own?.username)}
        rowKey={({ user_id }) => user_id}
        empty={
          <Empty title="Nobody has earned anything yet">The first week that is distributed brings somebody.</Empty>
        }
      />
    </>
  )
}

const BY_TOKENS = 'total_tokens_earned'

function OwnPlace({ rank }: { rank: number | null | undefined }) {
  return (
    <p>
      {rank === null || rank === undefined ? (
        'You are not on it yet.'
      ) : (
        <>
          Your place: <span className="figures text-lg font-semibold">{grouped(String(rank))}</span>
        </>
      )}
    </p>
  )
}

function columnsOf(asset: string, own: string | undefined): readonly Column<Contributor>[] {
  return [
    { header: 'Place', figures: true, cell: ({ rank }) => <Count value={rank} />, csv: ({ rank }) => String(rank) },
    {
      header: 'Contributor',
      cell: ({ username }) => <Name username={username} own={own} />,
      csv: ({ username }) => username,
    },
    {
      header: 'Earned',
      figures: true,
      cell: ({ total_tokens_earned }) => <Amount value={total_tokens_earned} asset={asset} />,
      csv: ({ total_tokens_earned }) => total_tokens_earned,
    },
    {
      header: 'Points',
      figures: true,
      wide: true,
      cell: ({ total_points }) => <Count value={total_points} />,
      csv: ({ total_points }) => String(total_points),
    },
    {
      header: 'Reputation',
      figures: true,
      wide: true,
      cell: ({ reputation_score }) => reputation_score,
      csv: ({ reputation_score }) => reputation_score,
    },
    {
      header: 'Contributions',
      figures: true,
      wide: true,
      cell: ({ total_contributions }) => <Count value={total_contributions} />,
      csv: ({ total_contributions }) => String(total_contributions),
    },
  ]
}

type Reward = Item<'/distributions/{id}/rewards'>

function OneWeek({ id }: { id: string }) {
  const economy = useEconomy()
  const member = useCaller().data?.person !== null
  const week = useQuery(read(economy, '/distributions/{id}', { path: { id } })).data
  const mine = useQuery({
    ...read(economy, '/me/rewards', { query: { week_start: week?.week_start ?? '' } }),
    enabled: member && week !== undefined,
  }).data?.data
  return (
    <>
      {mine && <OwnPlace rank={mine[0]?.rank} />}
      <List
        label="Leaderboard of the week"
        path="/distributions/{id}/rewards"
        names={{ id }}
        columns={weekColumns(mine?.[0]?.username)}
        rowKey={(reward) => reward.id}
        empty={<Empty title="Nobody had enough points for a reward in this week" />}
      />
    </>
  )
}

function weekColumns(own: string | undefined): readonly Column<Reward>[] {
  return [
    { header: 'Place', figures: true, cell: ({ rank }) => <Count value={rank} />, csv: ({ rank }) => String(rank) },
    {
      header: 'Contributor',
      cell: ({ username }) => <Name username={username} own={own} />,
      csv: ({ username }) => username,
    },
    {
      header: 'Points',
      figures: true,
      wide: true,
      cell: ({ total_points }) => <Count value={total_points} />,
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
      header: 'Earned',
      figures: true,
      cell: ({ token_amount, asset }) => <Amount value={token_amount} asset={asset} />,
      csv: ({ token_amount }) => token_amount,
    },
  ]
}

function Name({ username, own }: { username: string; own: string | undefined }) {
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <TextLink to={paths.contributor(useEconomy(), username)}>{username}</TextLink>
      {username === own && <Badge tone="good">You</Badge>}
    </span>
  )
}
