import type { Item } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { HoldActions } from '../forms/hold-actions.tsx'
import { paths } from '../paths.ts'
import { Amount, Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Hold = Item<'/ledger/holds'>

const TONES = { pending: 'warning', captured: 'good', voided: 'plain', expired: 'plain' } as const

const columns: readonly Column<Hold>[] = [
  { header: 'Account', cell: (hold) => <Account hold={hold} />, csv: ({ account }) => account },
  {
    header: 'Amount',
    figures: true,
    cell: ({ amount, asset }) => <Amount value={amount} asset={asset} />,
    csv: ({ amount }) => amount,
  },
  {
    header: 'Captured',
    figures: true,
    wide: true,
    cell: ({ captured, asset }) => <Amount value={captured} asset={asset} />,
    csv: ({ captured }) => captured,
  },
  {
    header: 'Status',
    cell: ({ status }) => <Badge tone={TONES[status]}>{words(status)}</Badge>,
    csv: ({ status }) => status,
  },
  {
    header: 'Reference',
    wide: true,
    cell: ({ reference }) => reference ?? '–',
    csv: ({ reference }) => reference ?? '',
  },
  {
    header: 'Expires',
    wide: true,
    cell: ({ expires_at }) => (expires_at ? <Moment at={expires_at} /> : 'Never'),
    csv: ({ expires_at }) => expires_at ?? '',
  },
  {
    header: 'Made',
    wide: true,
    cell: ({ created_at }) => <Moment at={created_at} />,
    csv: ({ created_at }) => created_at,
  },
  { header: 'End it', cell: (hold) => <HoldActions hold={hold} /> },
]

export function HoldsPage() {
  return (
    <Page
      title="Holds"
      note="Amounts that stay on their account, and cannot be spent until they are captured or let go."
    >
      <List
        label="Holds"
        path="/ledger/holds"
        columns={columns}
        rowKey={({ id }) => id}
        filters={[
          {
            name: 'status',
            label: 'Status',
            options: [['', 'Every status'], ...Object.keys(TONES).map((status) => [status, words(status)] as const)],
          },
          { name: 'account', label: 'Account' },
          { name: 'reference', label: 'Reference' },
        ]}
        empty={
          <Empty title="Nothing is held">
            A promise of a later payment holds its amount, and shows here until it is kept.
          </Empty>
        }
      />
    </Page>
  )
}

function Account({ hold: { account } }: { hold: Hold }) {
  return <TextLink to={paths.account(useEconomy(), account)}>{account}</TextLink>
}
