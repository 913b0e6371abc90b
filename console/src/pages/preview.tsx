import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'

import { read, send, type SendAnswer } from '../api/client.ts'
import { ranking } from '../components/chart-options.ts'
import { Chart } from '../components/chart.tsx'
import { DistributionFacts } from '../components/distribution-facts.tsx'
import { useEconomy, useFilters } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { type Column, Table } from '../components/table.tsx'
import { RunDistributions } from '../forms/distributions-run.tsx'
import { newKey } from '../forms/idempotency-key.ts'
import { paths } from '../paths.ts'
import { SelectField } from '../ui/field.tsx'
import { Amount, Count } from '../ui/figures.tsx'
import { approximate, weekOf } from '../ui/format.ts'
import { Card, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { throughOf } from './due-rules.ts'

type Week = SendAnswer<'/distributions/preview'>['data'][number]

export function PreviewPage() {
  const economy = useEconomy()
  const navigate = useNavigate()
  const { weeks = '1' } = useFilters()
  const dashboard = useQuery(read(economy, '/dashboard'))
  const last_end = dashboard.data?.last_distribution?.week_end
  const due = useQuery({
    queryKey: [economy, 'due', last_end, weeks],
    enabled: dashboard.data !== undefined,
    queryFn: async () => {
      const through = throughOf({ last_end, weeks: WEEKS[weeks] ?? 1, now: new Date() })
      return { through, ...(await send(economy, '/distributions/preview', { body: { through }, key: newKey() })) }
    },
  })
  const nothing = due.data?.data.length === 0 ? 'No week is due.' : undefined
  return (
    <Page
      title="What is due"
      note={
        <>
          <TextLink to={paths.page(economy, 'distributions')}>Distributions</TextLink> · what a run would pay now, to
          the last unit
        </>
      }
      actions={
        <RunDistributions
          key={due.data?.through}
          label={weeks === '1' ? 'Pay this week' : 'Pay these weeks'}
          through={due.data?.through ?? ''}
          disabledReason={due.data ? nothing : 'The preview is not here yet.'}
        />
      }
    >
      <div className="max-w-48">
        <SelectField
          label="How far"
          value={weeks}
          options={Object.entries(WEEKS).map(([value, count]) => [
            value,
            count === 1 ? 'The next week' : `${count} weeks`,
          ])}
          onChange={({ target }) => void navigate({ to: '.', search: { weeks: target.value } })}
        />
      </div>
      <Loaded from={due} lines={10}>
        {({ data }) =>
          data.length === 0 ? (
            <Card>
              <Empty title="Every week is paid">The next is due when this week is over, on Monday at 00:00 UTC.</Empty>
            </Card>
          ) : (
            data.map((week) => <DueWeek key={week.week_start} week={week} />)
          )
        }
      </Loaded>
    </Page>
  )
}

/** A run pays at most 60 weeks, and so a preview shows no more. */
const WEEKS: Record<string, number> = { '1': 1, '4': 4, '12': 12, '52': 52 }

const SHOWN = 12

function DueWeek({ week }: { week: Week }) {
  const { rewards, asset } = week
  const option = useMemo(() => {
    const top = rewards.slice(0, SHOWN)
    return ranking({
      names: top.map(({ username }) => username),
      values: top.map(({ token_amount }) => approximate(token_amount)),
    })
  }, [rewards])
  return (
    <Card title={weekOf(week)}>
      <div className="space-y-5">
        <DistributionFacts of={week} />
        {rewards.length > 1 && (
          <Chart
            label={`The largest rewards of ${weekOf(week)}`}
            option={option}
            height={40 + 26 * Math.min(rewards.length, SHOWN)}
          />
        )}
        <div className="-mx-4">
          <Table
            label={`Rewards of ${weekOf(week)}`}
            columns={columnsOf(asset)}
            rows={rewards}
            rowKey={({ username }) => username}
          />
        </div>
      </div>
    </Card>
  )
}

function columnsOf(asset: string): readonly Column<Week['rewards'][number]>[] {
  return [
    { header: 'Person', cell: ({ username }) => username },
    { header: 'Points', figures: true, cell: ({ total_points }) => <Count value={total_points} /> },
    { header: 'Multiplier', figures: true, wide: true, cell: ({ staking_multiplier }) => `× ${staking_multiplier}` },
    { header: 'Reward', figures: true, cell: ({ token_amount }) => <Amount value={token_amount} asset={asset} /> },
  ]
}
