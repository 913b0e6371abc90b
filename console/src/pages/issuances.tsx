import type { Item } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { ApproveIssuance } from '../forms/issuance-approve.tsx'
import { RequestIssuance } from '../forms/issuance-request.tsx'
import { paths } from '../paths.ts'
import { Amount, Moment } from '../ui/figures.tsx'
import { Badge, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Issuance = Item<'/ledger/issuances'>

const columns: readonly Column<Issuance>[] = [
  {
    header: 'Amount',
    figures: true,
    cell: ({ amount, asset }) => <Amount value={amount} asset={asset} />,
    csv: ({ amount }) => amount,
  },
  { header: 'To', wide: true, cell: ({ to }) => <Account path={to} />, csv: ({ to }) => to },
  { header: 'Reason', cell: ({ reason }) => reason, csv: ({ reason }) => reason },
  {
    header: 'Asked for',
    wide: true,
    cell: ({ requested_at, requested_by }) => <By at={requested_at} actor={requested_by} />,
    csv: ({ requested_at }) => requested_at,
  },
  {
    header: 'Approved',
    wide: true,
    cell: ({ approved_at, approved_by }) =>
      approved_at ? <By at={approved_at} actor={approved_by ?? ''} /> : 'Not yet',
    csv: ({ approved_at }) => approved_at ?? '',
  },
  {
    header: 'Standing',
    cell: (issuance) => <Standing issuance={issuance} />,
    csv: ({ approved_at }) => (approved_at ? 'approved' : 'requested'),
  },
]

export function IssuancesPage() {
  return (
    <Page
      title="Issuances"
      note="More of an asset than at the beginning: one owner asks for it, another one approves."
      actions={<RequestIssuance />}
    >
      <List
        label="Issuances"
        path="/ledger/issuances"
        columns={columns}
        rowKey={({ id }) => id}
        filters={[
          {
            name: 'status',
            label: 'Status',
            options: [
              ['', 'Every status'],
              ['requested', 'Waiting for approval'],
              ['approved', 'Approved'],
            ],
          },
        ]}
        empty={
          <Empty title="Nothing was issued since the beginning">
            What there is was issued when the economy was made.
          </Empty>
        }
      />
    </Page>
  )
}

function Account({ path }: { path: string }) {
  return <TextLink to={paths.account(useEconomy(), path)}>{path}</TextLink>
}

function By({ at, actor }: { at: string; actor: string }) {
  return (
    <span>
      <Moment at={at} />
      <span className="block text-xs break-all text-muted">{actor}</span>
    </span>
  )
}

function Standing({ issuance }: { issuance: Issuance }) {
  const economy = useEconomy()
  if (issuance.entry === null) return <ApproveIssuance issuance={issuance} />
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Badge tone="good">Approved</Badge>
      <TextLink to={paths.entry(economy, issuance.entry)}>Entry</TextLink>
    </span>
  )
}
