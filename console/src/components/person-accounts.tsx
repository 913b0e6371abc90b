import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { paths } from '../paths.ts'
import { Amount } from '../ui/figures.tsx'
import { Card, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { useEconomy } from './economy.tsx'
import { Loaded } from './page.tsx'
import { type Column, Table } from './table.tsx'

type Account = Item<'/ledger/accounts'>

const columns: readonly Column<Account>[] = [
  { header: 'Account', cell: ({ path }) => <Statement path={path} /> },
  { header: 'Balance', figures: true, cell: ({ balance, asset }) => <Amount value={balance} asset={asset} /> },
  {
    header: 'Available',
    figures: true,
    wide: true,
    cell: ({ available, asset }) => (available === null ? '–' : <Amount value={available} asset={asset} />),
  },
  {
    header: 'Reserved',
    figures: true,
    wide: true,
    cell: ({ reserved, asset }) => <Amount value={reserved} asset={asset} />,
  },
]

/** What somebody has, account by account, each with its statement behind it. */
export function PersonAccounts({ id }: { id: string }) {
  const accounts = useQuery(read(useEconomy(), '/ledger/accounts', { query: { owner: id, limit: ACCOUNTS } }))
  return (
    <Loaded from={accounts} lines={3}>
      {({ data }) => (
        <Card title="Accounts" note="Behind each is its statement.">
          <div className="-mx-4 -mb-4">
            {data.length === 0 ? (
              <Empty title="No accounts yet">The first opens when something is paid to them.</Empty>
            ) : (
              <Table label="Accounts" columns={columns} rows={data} rowKey={({ path, asset }) => `${path} ${asset}`} />
            )}
          </div>
        </Card>
      )}
    </Loaded>
  )
}

const ACCOUNTS = 100

function Statement({ path }: { path: string }) {
  return <TextLink to={paths.account(useEconomy(), path)}>{path}</TextLink>
}
