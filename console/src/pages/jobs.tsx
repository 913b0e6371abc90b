import { useQuery } from '@tanstack/react-query'

import { read } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { type Column, Table } from '../components/table.tsx'
import { Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Card } from '../ui/surfaces.tsx'
import { type Job, spanOf, standingOf } from './jobs-rules.ts'

const SAID = {
  failed: ['danger', 'Failed'],
  late: ['warning', 'Late'],
  running: ['good', 'Running'],
  well: ['good', 'Well'],
  waiting: ['plain', 'Waits for its time'],
} as const

const FOLLOWED_MS = 2_000

export function JobsPage() {
  const jobs = useQuery({ ...read(useEconomy(), '/jobs'), refetchInterval: FOLLOWED_MS })
  return (
    <Page
      title="Jobs"
      note="What is done by itself when it falls due, as the server that answers has seen it since it started."
    >
      <Loaded from={jobs} lines={8}>
        {({ data }) => (
          <Card>
            <div className="-m-4">
              <Table
                label="Jobs"
                columns={columnsAt(new Date(jobs.dataUpdatedAt))}
                rows={data}
                rowKey={({ name }) => name}
              />
            </div>
          </Card>
        )}
      </Loaded>
    </Page>
  )
}

function columnsAt(now: Date): readonly Column<Job>[] {
  return [
    { header: 'Job', cell: (job) => <Name job={job} /> },
    { header: 'Standing', cell: (job) => <Standing job={job} now={now} /> },
    { header: 'Every', wide: true, cell: ({ every_ms }) => spanOf(every_ms) },
    {
      header: 'Last run',
      wide: true,
      cell: ({ last_run_at }) => (last_run_at ? <Moment at={last_run_at} /> : 'Not since the server started'),
    },
    { header: 'Next', wide: true, cell: ({ due_at }) => (due_at ? <Moment at={due_at} /> : 'When its time comes') },
    {
      header: 'Last failure',
      wide: true,
      cell: ({ last_failed_at, last_error }) =>
        last_failed_at ? (
          <span>
            <Moment at={last_failed_at} />
            <span className="block text-xs break-words text-muted">{last_error}</span>
          </span>
        ) : (
          'None'
        ),
    },
  ]
}

function Name({ job: { name, last_run_at } }: { job: Job }) {
  const [module, work] = name.split('.')
  return (
    <span>
      {words(work ?? name)} <span className="text-xs text-muted">{module}</span>
      <span className="block text-xs text-muted md:hidden">
        {last_run_at ? <Moment at={last_run_at} /> : 'Not since the server started'}
      </span>
    </span>
  )
}

function Standing({ job, now }: { job: Job; now: Date }) {
  const [tone, said] = SAID[standingOf(job, now)]
  return (
    <span>
      <Badge tone={tone}>{said}</Badge>
      {tone === 'danger' && <span className="block text-xs break-words text-danger md:hidden">{job.last_error}</span>}
    </span>
  )
}
