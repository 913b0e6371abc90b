import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'

import { type Answer, read } from '../api/client.ts'
import { save, toCsv } from '../components/csv.tsx'
import { useEconomy, useFilters } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { type Column, Table } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { SelectField } from '../ui/field.tsx'
import { Amount } from '../ui/figures.tsx'
import { Icon } from '../ui/icon.tsx'
import { Badge, Card, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Balance = Answer<'/ledger/trial-balance'>['data'][number]

export function TrialBalancePage() {
  const economy = useEconomy()
  const navigate = useNavigate()
  const { depth = '2' } = useFilters()
  const balance = useQuery(read(economy, '/ledger/trial-balance', { query: { depth: depth as never } }))
  return (
    <Page
      title="Trial balance"
      note="What every branch of the accounts holds. For each asset, both sides must come to the same."
      actions={
        <Button
          look="quiet"
          disabledReason={balance.data ? undefined : 'The figures are on their way.'}
          onClick={() => download(economy, balance.data?.data ?? [])}
        >
          <Icon name="download" /> CSV
        </Button>
      }
    >
      <div className="max-w-48">
        <SelectField
          label="Detail"
          value={depth}
          options={[
            ['1', 'Main branches'],
            ['2', 'Two levels'],
            ['3', 'Three levels'],
          ]}
          onChange={({ target }) => void navigate({ to: '.', search: { depth: target.value } })}
        />
      </div>
      <Loaded from={balance} lines={10}>
        {({ data }) =>
          data.length === 0 ? (
            <Card>
              <Empty title="The books are empty">They fill with the first entry.</Empty>
            </Card>
          ) : (
            data.map((of) => <Sides key={of.asset} balance={of} />)
          )
        }
      </Loaded>
    </Page>
  )
}

function Sides({ balance: { asset, debit, credit, balanced, groups } }: { balance: Balance }) {
  return (
    <Card
      title={asset}
      note={
        <>
          Debit <Amount value={debit} asset={asset} /> · Credit <Amount value={credit} asset={asset} />
        </>
      }
      actions={balanced ? <Badge tone="good">Balanced</Badge> : <Badge tone="danger">Not balanced</Badge>}
    >
      <div className="-mx-4 -mb-4">
        <Table
          label={`Trial balance of ${asset}`}
          columns={columnsOf(asset)}
          rows={groups}
          rowKey={({ group }) => group}
        />
      </div>
    </Card>
  )
}

function columnsOf(asset: string): readonly Column<Balance['groups'][number]>[] {
  const side = (value: string) => (value === '0' ? '–' : <Amount value={value} asset={asset} />)
  return [
    { header: 'Branch', cell: ({ group }) => <Branch group={group} /> },
    { header: 'Accounts', figures: true, wide: true, cell: ({ accounts }) => accounts },
    { header: 'Debit', figures: true, cell: ({ debit }) => side(debit) },
    { header: 'Credit', figures: true, cell: ({ credit }) => side(credit) },
  ]
}

function Branch({ group }: { group: string }) {
  return <TextLink to={{ ...paths.page(useEconomy(), 'accounts'), search: { prefix: group } }}>{group}</TextLink>
}

function download(economy: string, data: readonly Balance[]): void {
  const lines = data.flatMap(({ asset, groups }) =>
    groups.map(({ group, accounts, debit, credit }) => [asset, group, String(accounts), debit, credit]),
  )
  save(
    `${economy} trial balance.csv`,
    toCsv([['asset', 'branch', 'accounts', 'debit', 'credit'], ...lines]),
    'text/csv',
  )
}
