import type { Item } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { ORDER_FILTER } from '../components/filters.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Code, Count, Moment } from '../ui/figures.tsx'
import { Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Block = Item<'/ledger/blocks'>

const columns: readonly Column<Block>[] = [
  { header: 'Height', cell: ({ height }) => <Height height={height} />, csv: ({ height }) => height },
  { header: 'Sealed', cell: ({ time }) => <Moment at={time} />, csv: ({ time }) => time },
  {
    header: 'Leaves',
    figures: true,
    cell: ({ tree_size }) => <Count value={tree_size} />,
    csv: ({ tree_size }) => tree_size,
  },
  { header: 'Root', wide: true, cell: ({ root }) => <Code short value={root} />, csv: ({ root }) => root },
  { header: 'Hash', wide: true, cell: ({ hash }) => <Code short value={hash} />, csv: ({ hash }) => hash },
]

export function BlocksPage() {
  return (
    <Page
      title="Blocks"
      note="Each seals what was recorded since the one before, and its head is signed. Blocks are public."
    >
      <List
        label="Blocks"
        path="/ledger/blocks"
        columns={columns}
        rowKey={({ height }) => height}
        filters={[ORDER_FILTER]}
        empty={<Empty title="Nothing is sealed yet">The first block follows the first entry, within a second.</Empty>}
      />
    </Page>
  )
}

function Height({ height }: { height: string }) {
  return (
    <TextLink to={paths.block(useEconomy(), height)}>
      <Count value={height} />
    </TextLink>
  )
}
