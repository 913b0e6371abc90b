import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'

import { type Item, read } from '../api/client.ts'
import { ranking } from '../components/chart-options.ts'
import { Chart } from '../components/chart.tsx'
import { DistributionFacts } from '../components/distribution-facts.tsx'
import { useEconomy, useNames, useRefusal } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { RunDistributions } from '../forms/distributions-run.tsx'
import { paths } from '../paths.ts'
import { Amount, Count } from '../ui/figures.tsx'
import { approximate, weekOf, words } from '../ui/format.ts'
import { Badge, Card, Empty, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Reward = Item<'/distributions/{id}/rewards'>

const UNDER_WAY_MS = 1_000

const columns: readonly Column<Reward>[] = [
  { header: 'Person', cell: (reward) => <Person reward={reward} />, csv: ({ username }) => username },
  {
    header: 'Points',
    figures: true,
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
    header: 'Reward',
    figures: true,
    cell: ({ token_amount, asset }) => <Amount value={token_amount} asset={asset} />,
    csv: ({ token_amount }) => token_amount,
  },
  {
    header: 'Status',
    wide: true,
    cell: ({ status }) => <Badge tone={status === 'completed' ? 'good' : 'plain'}>{words(status)}</Badge>,
    csv: ({ status }) => status,
  },
]

export function DistributionPage() {
  const economy = useEconomy()
  const { id } = useNames<'id'>()
  const refusal = useRefusal('ledger.read')
  const distribution = useQuery({
    ...read(economy, '/distributions/{id}', { path: { id } }),
    refetchInterval: ({ state }) => (state.data?.status === 'processing' ? UNDER_WAY_MS : false),
  })
  return (
    <Page
      title={distribution.data ? weekOf(distribution.data) : 'Distribution'}
      note={<TextLink to={paths.page(economy, 'distributions')}>Distributions</TextLink>}
    >
      <Loaded from={distribution}>
        {(week) => (
          <>
            {week.status === 'processing' && (
              <Notice tone="warning" title="It is being paid">
                <Count value={week.paid_count} /> of <Count value={week.user_count} /> people have theirs. Should it not
                move, whoever paid has stopped:{' '}
                <TextLink to={paths.page(economy, 'preview')}>go on from there</TextLink>.
              </Notice>
            )}
            {week.failure && (
              <Notice tone="danger" title="It stopped">
                <p>{week.failure}</p>
                <p>What was paid stays paid. Running again goes on where it stopped.</p>
                <div className="mt-2">
                  <RunDistributions label="Resume" ends={[week.week_end]} />
                </div>
              </Notice>
            )}
            <Card title="The week">
              <DistributionFacts of={week} />
              {week.entry_ids.length > 0 && refusal === undefined && (
                <p className="mt-4 text-sm text-muted">
                  In the books as{' '}
                  {week.entry_ids.map((entry, place) => (
                    <span key={entry}>
                      {place > 0 && ', '}
                      <TextLink to={paths.entry(economy, entry)}>entry {place + 1}</TextLink>
                    </span>
                  ))}
                </p>
              )}
            </Card>
            <Shares id={id} />
            <section className="space-y-2">
              <h2 className="text-base font-semibold">Rewards</h2>
              <List
                label="Rewards"
                path="/distributions/{id}/rewards"
                names={{ id }}
                columns={columns}
                rowKey={(reward) => reward.id}
                empty={<Empty title="Nobody had enough points for a reward in this week" />}
              />
            </section>
          </>
        )}
      </Loaded>
    </Page>
  )
}

const SHARES_SHOWN = 12

function Shares({ id }: { id: string }) {
  const { data } = useQuery(read(useEconomy(), '/distributions/{id}/rewards', { path: { id }, query: { limit: 200 } }))
  const rows = data?.data
  const option = useMemo(() => {
    const top = (rows ?? [])
      .toSorted((a, b) => approximate(b.token_amount) - approximate(a.token_amount))
      .slice(0, SHARES_SHOWN)
    return ranking({
      names: top.map(({ username }) => username),
      values: top.map(({ token_amount }) => approximate(token_amount)),
    })
  }, [rows])
  if (!rows || rows.length < 2) return null
  return (
    <Card title="Who got what" note={rows.length > SHARES_SHOWN ? `The ${SHARES_SHOWN} largest rewards` : undefined}>
      <Chart
        label="The largest rewards of the week; the table below has the figures."
        option={option}
        height={40 + 26 * Math.min(rows.length, SHARES_SHOWN)}
      />
    </Card>
  )
}

function Person({ reward: { username } }: { reward: Reward }) {
  return <TextLink to={paths.contributor(useEconomy(), username)}>{username}</TextLink>
}
