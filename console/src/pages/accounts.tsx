import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy, useFilters } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Amount } from '../ui/figures.tsx'
import { Badge, Card, Empty } from '../ui/surfaces.tsx'
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
    <Page title="Accounts" note="Paths are a tree: choose a branch to see what is below it.">
      <Branches />
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

/** The tree's uppermost branches, with what each asset comes to below them, as the trial balance has it. */
function Branches() {
  const economy = useEconomy()
  const { prefix } = useFilters()
  const { data } = useQuery(read(economy, '/ledger/trial-balance', { query: { depth: 1 } }))
  const groups = data?.data.flatMap(({ asset, groups: below }) => below.map((group) => ({ ...group, asset }))) ?? []
  if (groups.length === 0) return null
  return (
    <Card title="Branches">
      <ul className="grid gap-2 sm:grid-cols-2 lg:grid-cols-4">
        {groups.map(({ group, asset, accounts, debit, credit }) => {
          const place = { ...paths.page(economy, 'accounts'), search: { prefix: group } }
          return (
            <li
              key={`${group} ${asset}`}
              className={`rounded-md border px-3 py-2 ${prefix === group ? 'border-accent' : 'border-line'}`}
            >
              <div className="flex items-baseline justify-between gap-2">
                <TextLink to={place}>{group}</TextLink>
                <span className="figures text-xs text-muted">
                  {accounts} {accounts === 1 ? 'account' : 'accounts'}
                </span>
              </div>
              <p className="text-sm">
                <Amount value={credit === '0' ? debit : `-${credit}`} asset={asset} />
              </p>
            </li>
          )
        })}
      </ul>
    </Card>
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
