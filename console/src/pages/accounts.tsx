import type { Item } from '../api/client.ts'
import { AccountTree } from '../components/account-tree.tsx'
import { useEconomy } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { OpenAccount } from '../forms/account-open.tsx'
import { paths } from '../paths.ts'
import { Amount } from '../ui/figures.tsx'
import { Badge, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Account = Item<'/ledger/accounts'>

const columns: readonly Column<Account>[] = [
  { header: 'Account', cell: (account) => <Path account={account} />, csv: ({ path }) => path },
  { header: 'Asset', wide: true, cell: ({ asset }) => asset, csv: ({ asset }) => asset },
  {
    header: 'Balance',
    figures: true,
    cell: ({ balance, asset }) => <Amount value={balance} asset={asset} />,
    csv: ({ balance }) => balance,
  },
  {
    header: 'Available',
    figures: true,
    wide: true,
    cell: ({ available, asset }) => (available === null ? 'No limit' : <Amount value={available} asset={asset} />),
    csv: ({ available }) => available ?? '',
  },
  { header: 'Lines', figures: true, wide: true, cell: ({ version }) => version, csv: ({ version }) => String(version) },
]

export function AccountsPage() {
  return (
    <Page title="Accounts" note="Paths are a tree: open a branch to see what is below it." actions={<OpenAccount />}>
      <AccountTree />
      <List
        label="Accounts"
        path="/ledger/accounts"
        columns={columns}
        rowKey={({ path, asset }) => `${path} ${asset}`}
        filters={[
          { name: 'prefix', label: 'Below the path' },
          { name: 'asset', label: 'Asset' },
          {
            name: 'status',
            label: 'Status',
            options: [
              ['', 'Every status'],
              ['open', 'Open'],
              ['frozen', 'Frozen'],
              ['closed', 'Closed'],
            ],
          },
        ]}
        empty={<Empty title="No accounts yet">An account opens with the first movement on it.</Empty>}
      />
    </Page>
  )
}

function Path({ account: { path, status } }: { account: Account }) {
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <TextLink to={paths.account(useEconomy(), path)}>{path}</TextLink>
      {status !== 'open' && <Badge tone="warning">{status}</Badge>}
    </span>
  )
}
