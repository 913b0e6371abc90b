import type { Item } from '../api/client.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { ORDER_FILTER } from '../components/filters.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Amount, Count } from '../ui/figures.tsx'
import { weekOf, words } from '../ui/format.ts'
import { Badge, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Distribution = Item<'/distributions'>

const TONES = { pending: 'plain', processing: 'warning', completed: 'good', failed: 'danger' } as const

const columns: readonly Column<Distribution>[] = [
  { header: 'Week', cell: (row) => <Week row={row} />, csv: ({ week_start }) => week_start },
  { header: 'Status', wide: true, cell: (row) => <Status row={row} />, csv: ({ status }) => status },
  {
    header: 'People',
    figures: true,
    wide: true,
    cell: ({ user_count }) => <Count value={user_count} />,
    csv: ({ user_count }) => String(user_count),
  },
  {
    header: 'Points',
    figures: true,
    wide: true,
    cell: ({ total_points }) => <Count value={total_points} />,
    csv: ({ total_points }) => String(total_points),
  },
  {
    header: 'Paid out',
    figures: true,
    cell: ({ total_tokens, asset }) => <Amount value={total_tokens} asset={asset} />,
    csv: ({ total_tokens }) => total_tokens,
  },
]

export function DistributionsPage() {
  const economy = useEconomy()
  const refusal = useRefusal('distributions.run')
  return (
    <Page
      title="Distributions"
      note="Each week’s pool, shared by points. A week is paid once, the oldest first."
      actions={refusal === undefined && <TextLink to={paths.page(economy, 'preview')}>What is due</TextLink>}
    >
      <List
        label="Distributions"
        path="/distributions"
        columns={columns}
        rowKey={({ id }) => id}
        filters={[
          {
            name: 'status',
            label: 'Status',
            options: [['', 'Every status'], ...Object.keys(TONES).map((status) => [status, words(status)] as const)],
          },
          ORDER_FILTER,
        ]}
        empty={
          <Empty title="No week has been distributed yet">
            The first can be when a week with contributions is over.
          </Empty>
        }
      />
    </Page>
  )
}

function Week({ row }: { row: Distribution }) {
  return <TextLink to={paths.distribution(useEconomy(), row.id)}>{weekOf(row)}</TextLink>
}

function Status({ row: { status, treasury_short } }: { row: Distribution }) {
  return (
    <span className="flex gap-1">
      <Badge tone={TONES[status]}>{words(status)}</Badge>
      {treasury_short && <Badge tone="warning">Treasury short</Badge>}
    </span>
  )
}
