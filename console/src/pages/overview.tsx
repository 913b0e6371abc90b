import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'

import { type Answer, read } from '../api/client.ts'
import { bars } from '../components/chart-options.ts'
import { Chart } from '../components/chart.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { type Column, Table } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Amount, Count } from '../ui/figures.tsx'
import { approximate, dayOf, weekOf } from '../ui/format.ts'
import { Badge, Card, Empty, Figure } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { runwayOf } from './overview-rules.ts'

type Dashboard = Answer<'/dashboard'>

export function OverviewPage() {
  const economy = useEconomy()
  const dashboard = useQuery(read(economy, '/dashboard'))
  const books = useRefusal('ledger.read') === undefined
  return (
    <Page title="Overview" note="How the economy stands." actions={books && <Balanced />}>
      <Loaded from={dashboard} lines={10}>
        {(found) => (
          <>
            <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
              <Figure
                name="Points this week"
                from={paths.page(economy, 'contributions')}
                note={`${found.week.contributions} contributions since ${dayOf(found.week.week_start)}`}
              >
                <Count value={found.week.points} />
              </Figure>
              <Figure
                name="Treasury for rewards"
                from={books ? paths.account(economy, 'treasury:rewards') : undefined}
                note={runwayOf(found)}
              >
                <Amount value={found.treasury.available} asset={found.asset} />
              </Figure>
              <Figure
                name="Weekly pool"
                from={paths.parameter(economy, 'weekly_pool')}
                note={`${found.weeks_distributed} weeks distributed`}
              >
                <Amount value={found.weekly_pool} asset={found.asset} />
              </Figure>
              <Figure
                name="Distributed"
                from={paths.page(economy, 'distributions')}
                note={`${found.contributors} contributors`}
              >
                <Amount value={found.tokens_distributed} asset={found.asset} />
              </Figure>
            </div>
            {books && <Books asset={found.asset} />}
            <Weeks asset={found.asset} />
            <div className="grid items-start gap-5 lg:grid-cols-2">
              <Top dashboard={found} />
              <Last dashboard={found} />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** What was issued is what all accounts hold together; what members hold is owed to them. */
function Books({ asset }: { asset: string }) {
  const economy = useEconomy()
  const assets = useQuery(read(economy, '/ledger/assets/{code}', { path: { code: asset } }))
  const balance = useQuery(read(economy, '/ledger/trial-balance', { query: { depth: 1, asset } }))
  const groups = balance.data?.data[0]?.groups ?? []
  const of = (name: string) => groups.find(({ group }) => group === name)?.debit ?? '0'
  const below = (prefix: string) => ({ ...paths.page(economy, 'accounts'), search: { prefix } })
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure
        name="Supply"
        from={paths.page(economy, 'assets')}
        note={
          assets.data && (
            <>
              at most <Amount value={assets.data.max_supply} asset={asset} />
            </>
          )
        }
      >
        <Amount value={balance.data?.data[0]?.debit ?? '0'} asset={asset} />
      </Figure>
      <Figure name="Owed to members" from={below('users')} note="their wallets and stakes">
        <Amount value={of('users')} asset={asset} />
      </Figure>
      <Figure name="In the treasury" from={below('treasury')} note="all of its accounts">
        <Amount value={of('treasury')} asset={asset} />
      </Figure>
      <Figure name="In pools" from={below('pools')} note="that rewards are promised from">
        <Amount value={of('pools')} asset={asset} />
      </Figure>
    </div>
  )
}

/** Whether both sides of every asset come to the same. */
function Balanced() {
  const economy = useEconomy()
  const { data } = useQuery(read(economy, '/ledger/trial-balance', { query: { depth: 1 } }))
  if (!data) return null
  const balanced = data.data.every((asset) => asset.balanced)
  return (
    <span className="flex items-center gap-2">
      <Badge tone={balanced ? 'good' : 'danger'}>{balanced ? 'Books balanced' : 'Books not balanced'}</Badge>
      <TextLink to={paths.page(economy, 'trialBalance')}>Trial balance</TextLink>
    </span>
  )
}

const WEEKS_SHOWN = 26

function Weeks({ asset }: { asset: string }) {
  const economy = useEconomy()
  const { data } = useQuery(read(economy, '/distributions', { query: { limit: WEEKS_SHOWN } }))
  const weeks = useMemo(() => (data?.data ?? []).toReversed(), [data])
  const tokens = useMemo(
    () =>
      bars({
        names: weeks.map(({ week_start }) => dayOf(week_start)),
        values: weeks.map(({ total_tokens }) => approximate(total_tokens)),
      }),
    [weeks],
  )
  const points = useMemo(
    () =>
      bars({
        names: weeks.map(({ week_start }) => dayOf(week_start)),
        values: weeks.map(({ total_points }) => total_points),
      }),
    [weeks],
  )
  if (weeks.length < 2) return null
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      <Card title="Paid out by week" note={`${asset}, the last ${weeks.length} weeks distributed`}>
        <Chart
          label={`${asset} paid out in each of the last ${weeks.length} weeks; the distributions have the figures.`}
          option={tokens}
        />
      </Card>
      <Card title="Points by week" note="that rewards were paid for">
        <Chart
          label={`Points in each of the last ${weeks.length} weeks; the distributions have the figures.`}
          option={points}
        />
      </Card>
    </div>
  )
}

type Contributor = Dashboard['top_contributors'][number]

function Top({ dashboard: { top_contributors, asset } }: { dashboard: Dashboard }) {
  const economy = useEconomy()
  return (
    <Card title="Top contributors" actions={<TextLink to={paths.page(economy, 'contributors')}>All</TextLink>}>
      {top_contributors.length === 0 ? (
        <Empty title="Nobody yet">They appear with the first contribution.</Empty>
      ) : (
        <div className="-mx-4 -mb-4">
          <Table
            label="Top contributors"
            columns={topColumns(asset)}
            rows={top_contributors}
            rowKey={({ user_id }) => user_id}
          />
        </div>
      )}
    </Card>
  )
}

function topColumns(asset: string): readonly Column<Contributor>[] {
  return [
    { header: 'Contributor', cell: ({ username }) => <Name username={username} /> },
    { header: 'Points', figures: true, cell: ({ total_points }) => <Count value={total_points} /> },
    {
      header: 'Earned',
      figures: true,
      wide: true,
      cell: ({ total_tokens_earned }) => <Amount value={total_tokens_earned} asset={asset} />,
    },
  ]
}

function Name({ username }: { username: string }) {
  return <TextLink to={paths.contributor(useEconomy(), username)}>{username}</TextLink>
}

function Last({ dashboard: { last_distribution: last } }: { dashboard: Dashboard }) {
  const economy = useEconomy()
  return (
    <Card title="Last distribution" actions={<TextLink to={paths.page(economy, 'distributions')}>All</TextLink>}>
      {last ? (
        <>
          <p className="text-lg font-semibold">
            <Amount value={last.total_tokens} asset={last.asset} />
          </p>
          <p className="text-sm text-muted">
            to {last.user_count} {last.user_count === 1 ? 'person' : 'people'} for <Count value={last.total_points} />{' '}
            points
          </p>
          <p className="mt-2">
            <TextLink to={paths.distribution(economy, last.id)}>{weekOf(last)}</TextLink>
          </p>
        </>
      ) : (
        <Empty title="None yet">The first can be when a week with contributions is over.</Empty>
      )}
    </Card>
  )
}
