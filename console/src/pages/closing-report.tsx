import { useQuery } from '@tanstack/react-query'

import { type Answer, read, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { save, toCsv } from '../components/csv.tsx'
import { useEconomy, useNames, useRefusal } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { StillOpen } from '../components/still-open.tsx'
import { type Column, Table } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Amount, Count, Moment } from '../ui/figures.tsx'
import { dayOf, momentOf, words } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Badge, Card, Empty, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { reportLines } from './closing-rules.ts'

type Report = Answer<'/ledger/closing/report'>

export function ClosingReportPage() {
  const economy = useEconomy()
  const { before } = useNames<'before'>()
  const report = useQuery(read(economy, '/ledger/closing/report', { query: { before } }))
  return (
    <Page
      title={`Books before ${Number.isNaN(Date.parse(before)) ? before : dayOf(before)}`}
      note={<TextLink to={paths.page(economy, 'closing')}>Closing</TextLink>}
      actions={
        report.data && (
          <>
            <Downloads report={report.data} />
            <CloseBooks report={report.data} />
          </>
        )
      }
    >
      <Loaded from={report} lines={10}>
        {(found) => (
          <>
            {found.closed ? (
              <Notice tone="good" title="The books are closed to this day">
                This report does not change any more.
              </Notice>
            ) : (
              <StillOpen before={before} />
            )}
            {found.balances.map((balance) => (
              <Balance key={balance.asset} balance={balance} />
            ))}
            <Card
              title="What moved"
              note={
                found.since ? (
                  <>
                    since the closing before, <Moment at={found.since} />
                  </>
                ) : (
                  'since the beginning'
                )
              }
            >
              {found.kinds.length === 0 ? (
                <Empty title="Nothing moved" />
              ) : (
                <div className="-mx-4 -mb-4">
                  <Table
                    label="What moved, by kind"
                    columns={kindColumns}
                    rows={found.kinds}
                    rowKey={({ asset, kind }) => `${asset} ${kind}`}
                  />
                </div>
              )}
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Balance({ balance: { asset, balanced, groups } }: { balance: Report['balances'][number] }) {
  return (
    <Card
      title={`Balances in ${asset}`}
      actions={balanced ? <Badge tone="good">Balanced</Badge> : <Badge tone="danger">Not balanced</Badge>}
    >
      <div className="-mx-4 -mb-4">
        <Table
          label={`Balances in ${asset}`}
          columns={groupColumns(asset)}
          rows={groups}
          rowKey={({ group }) => group}
        />
      </div>
    </Card>
  )
}

function groupColumns(asset: string): readonly Column<Report['balances'][number]['groups'][number]>[] {
  const side = (value: string) => (value === '0' ? '–' : <Amount value={value} asset={asset} />)
  return [
    { header: 'Branch', cell: ({ group }) => group },
    { header: 'Debit', figures: true, cell: ({ debit }) => side(debit) },
    { header: 'Credit', figures: true, cell: ({ credit }) => side(credit) },
  ]
}

const kindColumns: readonly Column<Report['kinds'][number]>[] = [
  { header: 'Kind', cell: ({ kind }) => words(kind) },
  { header: 'Entries', figures: true, cell: ({ entries }) => <Count value={entries} /> },
  { header: 'Moved', figures: true, cell: ({ amount, asset }) => <Amount value={amount} asset={asset} /> },
]

function Downloads({ report }: { report: Report }) {
  const name = `${useEconomy()} books before ${report.before.slice(0, 10)}`
  return (
    <>
      <Button look="quiet" onClick={() => save(`${name}.csv`, toCsv(reportLines(report)), 'text/csv')}>
        <Icon name="download" /> CSV
      </Button>
      <Button look="quiet" onClick={() => save(`${name}.json`, JSON.stringify(report, null, 2), 'application/json')}>
        <Icon name="download" /> JSON
      </Button>
    </>
  )
}

function CloseBooks({ report: { before, closed } }: { report: Report }) {
  const economy = useEconomy()
  const refusal = useRefusal('ledger.close_period')
  return (
    <Confirm
      label="Close the books"
      look="primary"
      title="Close the books?"
      keep="Leave them open"
      confirm="Close them for good"
      disabledReason={refusal ?? (closed ? 'They are closed to this day.' : undefined)}
      act={async (key) => await send(economy, '/ledger/closing', { body: { before }, key })}
    >
      <p>
        Nothing may be recorded any more as having taken effect before {momentOf(before)}. Books close forward only:
        there is no way back.
      </p>
    </Confirm>
  )
}
