import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'

import { type Answer, read, send, type SendAnswer } from '../api/client.ts'
import { ranking } from '../components/chart-options.ts'
import { Chart } from '../components/chart.tsx'
import { DistributionFacts } from '../components/distribution-facts.tsx'
import { DistributionProgress } from '../components/distribution-progress.tsx'
import { useEconomy, useFilters, useRefusal } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { type Column, Table } from '../components/table.tsx'
import { RunDistributions } from '../forms/distributions-run.tsx'
import { newKey } from '../forms/idempotency-key.ts'
import { FundRewards } from '../forms/rewards-fund.tsx'
import { paths } from '../paths.ts'
import { SelectField } from '../ui/field.tsx'
import { Amount, Count } from '../ui/figures.tsx'
import { approximate, weekOf } from '../ui/format.ts'
import { Card, Empty, Figure, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { throughOf } from './due-rules.ts'
import { runwayOf } from './overview-rules.ts'

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
      actions={dashboard.data && <FundRewards asset={dashboard.data.asset} />}
    >
      {dashboard.data && <Before dashboard={dashboard.data} />}
      <Card title="Pay" note="The oldest week first, each once. Stopped at any moment, it goes on where it was.">
        <div className="space-y-4">
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
          <RunDistributions
            label={weeks === '1' ? 'Pay this week' : 'Pay these weeks'}
            ends={due.data?.data.map(({ week_end }) => week_end) ?? []}
            disabledReason={due.data ? nothing : 'The preview is not here yet.'}
          />
        </div>
      </Card>
      <Loaded from={due} lines={10}>
        {({ data }) =>
          data.length === 0 ? (
            <Card>
              <Empty title="Every week is paid">The next is due when this week is over, on Monday at 00:00 UTC.</Empty>
            </Card>
          ) : (
            <Due weeks={data} />
          )
        }
      </Loaded>
    </Page>
  )
}

/** What to know before anything is paid: what an earlier run left, what the treasury has, what may still bring points. */
function Before({ dashboard }: { dashboard: Answer<'/dashboard'> }) {
  const economy = useEconomy()
  const staff = useRefusal('imports.read') === undefined
  const books = useRefusal('ledger.read') === undefined
  const imports = useQuery({ ...read(economy, '/imports', { query: { limit: 20 } }), enabled: staff })
  const reading = imports.data?.data.filter(({ status }) => status === 'reading') ?? []
  const { asset, treasury, weekly_pool, last_distribution: last } = dashboard
  return (
    <>
      {last && last.status !== 'completed' && (
        <Card title={`${weekOf(last)} is not paid to its end`}>
          <div className="space-y-4">
            {last.failure && <Notice tone="danger">{last.failure}</Notice>}
            <DistributionProgress />
            <RunDistributions label="Resume" ends={[last.week_end]} />
          </div>
        </Card>
      )}
      {reading.length > 0 && (
        <Notice tone="warning" title="An import is not read to its end">
          {reading.map(({ id, file }, place) => (
            <span key={id}>
              {place > 0 && ', '}
              <TextLink to={paths.import(economy, id)}>{file}</TextLink>
            </span>
          ))}{' '}
          may bring points of weeks that are due. What comes after a week was paid counts for the next.
        </Notice>
      )}
      <div className="grid grid-cols-2 gap-3">
        <Figure
          name="Treasury for rewards"
          from={books ? paths.account(economy, 'treasury:rewards') : undefined}
          note={runwayOf(dashboard)}
        >
          <Amount value={treasury.available} asset={asset} />
        </Figure>
        <Figure name="Weekly pool" from={paths.parameter(economy, 'weekly_pool')} note="what each week shares">
          <Amount value={weekly_pool} asset={asset} />
        </Figure>
      </div>
    </>
  )
}

/** A run pays at most 60 weeks, and so a preview shows no more. */
const WEEKS: Record<string, number> = { '1': 1, '4': 4, '12': 12, '52': 52 }

const SHOWN = 12

/** A card for each week that pays somebody; the others in a sentence. */
function Due({ weeks }: { weeks: readonly Week[] }) {
  const [first] = weeks
  const paying = weeks.filter(({ user_count }) => user_count > 0)
  const idle = weeks.length - paying.length
  return (
    <>
      {paying.map((week) => (
        <DueWeek key={week.week_start} week={week} />
      ))}
      {first && idle > 0 && (
        <Card title={idle === 1 && weeks.length === 1 ? weekOf(first) : `${idle} of ${weeks.length} weeks pay nobody`}>
          <p className="text-muted">
            No contribution of {idle === 1 ? 'that week has' : 'those weeks has'} points for a reward. The pool stays in
            the treasury, and points that were carried wait on.
          </p>
        </Card>
      )}
    </>
  )
}

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
