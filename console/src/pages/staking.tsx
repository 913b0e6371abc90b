import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { type Column, Table } from '../components/table.tsx'
import { FundPool } from '../forms/pool-fund.tsx'
import { paths } from '../paths.ts'
import { Amount, Count, Day } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Card, Empty, Fact, Facts } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { asPart, percentOf, roomFor } from './staking-rules.ts'

type Pool = Item<'/staking/pools'>
type Stake = Item<'/staking/stakes'>

const TONES = { active: 'good', completed: 'plain', unstaked_early: 'warning' } as const

const columns: readonly Column<Stake>[] = [
  { header: 'Member', cell: (stake) => <Member stake={stake} />, csv: ({ username }) => username },
  {
    header: 'Amount',
    figures: true,
    cell: ({ amount, asset }) => <Amount value={amount} asset={asset} />,
    csv: ({ amount }) => amount,
  },
  {
    header: 'Term',
    wide: true,
    cell: ({ duration_days }) => `${duration_days} days`,
    csv: ({ duration_days }) => String(duration_days),
  },
  {
    header: 'Reward',
    figures: true,
    wide: true,
    cell: ({ reward, asset }) => <Amount value={reward} asset={asset} />,
    csv: ({ reward }) => reward,
  },
  {
    header: 'Status',
    cell: (stake) => <Status stake={stake} />,
    csv: ({ status }) => status,
  },
  {
    header: 'Began',
    wide: true,
    cell: ({ start_date }) => <Day at={start_date} />,
    csv: ({ start_date }) => start_date,
  },
  { header: 'Paid back', wide: true, cell: ({ due_at }) => <Day at={due_at} />, csv: ({ due_at }) => due_at },
]

export function StakingPage() {
  const pools = useQuery(read(useEconomy(), '/staking/pools'))
  return (
    <Page title="Staking" note="What members have locked, and the pools that their rewards are promised from.">
      <Loaded from={pools}>
        {({ data }) =>
          data.length === 0 ? (
            <Card>
              <Empty title="Nothing can be staked here" />
            </Card>
          ) : (
            data.map((pool) => <PoolCard key={pool.code} pool={pool} />)
          )
        }
      </Loaded>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">Stakes</h2>
        <List
          label="Stakes"
          path="/staking/stakes"
          columns={columns}
          rowKey={({ id }) => id}
          filters={[
            { name: 'username', label: 'Member' },
            {
              name: 'status',
              label: 'Status',
              options: [['', 'Every status'], ...Object.keys(TONES).map((status) => [status, words(status)] as const)],
            },
          ]}
          empty={<Empty title="Nobody has staked yet">What members stake shows here, with its term and reward.</Empty>}
        />
      </section>
    </Page>
  )
}

function PoolCard({ pool }: { pool: Pool }) {
  const economy = useEconomy()
  const books = useRefusal('ledger.read') === undefined
  const { code, kind, asset, reward_account } = pool
  return (
    <Card title={words(code)} note={`A pool of the kind ${kind}, in ${asset}`} actions={<FundPool pool={pool} />}>
      <div className="space-y-5">
        <Facts>
          <Fact name="Funded">
            <span className="text-lg font-semibold">
              <Amount value={pool.balance} asset={asset} />
            </span>
          </Fact>
          <Fact name="Can still be promised">
            <span className="text-lg font-semibold">
              <Amount value={pool.available} asset={asset} />
            </span>
          </Fact>
          <Fact name="Reserved for stakes that are active">
            <Amount value={pool.promised} asset={asset} />
          </Fact>
          <Fact name="Rewards are paid from">
            {books ? <TextLink to={paths.account(economy, reward_account)}>{reward_account}</TextLink> : reward_account}
          </Fact>
          <Fact name="Staked">
            <Amount value={pool.staked} asset={asset} /> in <Count value={pool.stakes} /> stakes
          </Fact>
          <Fact name="Of it active">
            <Amount value={pool.active} asset={asset} />
          </Fact>
          <Fact name="Smallest stake">
            <Amount value={pool.minimum_stake} asset={asset} />
          </Fact>
          <Fact name="Ended early">
            after {pool.early_unstake_delay_days} days, less {percentOf(asPart(pool.early_unstake_penalty_bps))}
          </Fact>
        </Facts>
        <div className="-mx-4 -mb-4">
          <Table
            label={`Tiers of ${code}`}
            columns={tierColumns(pool)}
            rows={pool.tiers}
            rowKey={({ duration_days }) => String(duration_days)}
          />
        </div>
      </div>
    </Card>
  )
}

function tierColumns({ available, asset }: Pool): readonly Column<Pool['tiers'][number]>[] {
  return [
    { header: 'Term', cell: ({ duration_days }) => `${duration_days} days` },
    { header: 'A year', figures: true, cell: ({ apy_rate }) => percentOf(apy_rate) },
    { header: 'Multiplier', figures: true, wide: true, cell: ({ multiplier }) => `× ${multiplier}` },
    {
      header: 'Room for stakes',
      figures: true,
      cell: (tier) => <Amount value={roomFor({ available, ...tier })} asset={asset} />,
    },
  ]
}

function Member({ stake: { username } }: { stake: Stake }) {
  return <TextLink to={paths.contributor(useEconomy(), username)}>{username}</TextLink>
}

function Status({ stake: { status, failure } }: { stake: Stake }) {
  return (
    <span>
      <Badge tone={failure === null ? TONES[status] : 'danger'}>{words(status)}</Badge>
      {failure !== null && <span className="block text-xs text-danger">{failure}</span>}
    </span>
  )
}
