import type { Item } from '../api/client.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Amount, Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Entry = Item<'/ledger/entries'>

const columns: readonly Column<Entry>[] = [
  { header: 'Kind', cell: (entry) => <Kind entry={entry} />, csv: ({ kind }) => kind },
  {
    header: 'Reference',
    wide: true,
    cell: ({ reference }) => reference ?? '–',
    csv: ({ reference }) => reference ?? '',
  },
  { header: 'Recorded', cell: ({ recorded_at }) => <Moment at={recorded_at} />, csv: ({ recorded_at }) => recorded_at },
  {
    header: 'Effective',
    wide: true,
    cell: ({ effective_at }) => <Moment at={effective_at} />,
    csv: ({ effective_at }) => effective_at,
  },
  {
    header: 'First posting',
    figures: true,
    cell: ({ postings: [first] }) => first && <Amount value={first.amount} asset={first.asset} />,
  },
  {
    header: 'Postings',
    figures: true,
    wide: true,
    cell: ({ postings_count }) => postings_count,
    csv: ({ postings_count }) => String(postings_count),
  },
]

export function EntriesPage() {
  const economy = useEconomy()
  const refusal = useRefusal('ledger.post')
  return (
    <Page
      title="Entries"
      note="Every movement, all or nothing, newest first. Each is sealed into the log."
      actions={refusal === undefined && <TextLink to={paths.page(economy, 'newEntry')}>New entry</TextLink>}
    >
      <List
        label="Entries"
        path="/ledger/entries"
        columns={columns}
        rowKey={({ id }) => id}
        filters={[
          { name: 'account', label: 'Account' },
          { name: 'kind', label: 'Kind' },
          { name: 'reference', label: 'Reference' },
          { name: 'asset', label: 'Asset' },
        ]}
        empty={<Empty title="No entries yet">They appear here with the first payment, import or distribution.</Empty>}
      />
    </Page>
  )
}

function Kind({ entry: { id, kind, reverses, reversed_by } }: { entry: Entry }) {
  const economy = useEconomy()
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <TextLink to={paths.entry(economy, id)}>{words(kind)}</TextLink>
      {reverses && <Badge>Reversal</Badge>}
      {reversed_by && <Badge tone="warning">Reversed</Badge>}
    </span>
  )
}
