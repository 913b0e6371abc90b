import type { Item } from '../api/client.ts'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { AddAsset } from '../forms/asset-add.tsx'
import { Amount, Day } from '../ui/figures.tsx'
import { Empty } from '../ui/surfaces.tsx'

type Asset = Item<'/ledger/assets'>

const columns: readonly Column<Asset>[] = [
  { header: 'Code', cell: ({ code }) => <span className="font-medium">{code}</span>, csv: ({ code }) => code },
  { header: 'Name', cell: ({ name }) => name, csv: ({ name }) => name },
  { header: 'Decimals', figures: true, wide: true, cell: ({ scale }) => scale, csv: ({ scale }) => String(scale) },
  {
    header: 'May ever be issued',
    figures: true,
    cell: ({ max_supply, code }) => <Amount value={max_supply} asset={code} />,
    csv: ({ max_supply }) => max_supply,
  },
  {
    header: 'Added',
    wide: true,
    cell: ({ created_at }) => <Day at={created_at} />,
    csv: ({ created_at }) => created_at,
  },
]

export function AssetsPage() {
  return (
    <Page
      title="Assets"
      note="What amounts are of. Code, decimals and the most that may be issued never change."
      actions={<AddAsset />}
    >
      <List
        label="Assets"
        path="/ledger/assets"
        columns={columns}
        rowKey={({ code }) => code}
        empty={<Empty title="There are no assets yet" />}
      />
    </Page>
  )
}
