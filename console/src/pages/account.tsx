import { useQuery } from '@tanstack/react-query'

import { type Answer, type Item, read } from '../api/client.ts'
import { useEconomy, useFilters, useNames } from '../components/economy.tsx'
import { ORDER_FILTER } from '../components/filters.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { AccountActions } from '../forms/account-actions.tsx'
import { paths } from '../paths.ts'
import { Amount, Day, Moment } from '../ui/figures.tsx'
import { grouped, words } from '../ui/format.ts'
import { Badge, Card, Empty, Fact, Facts } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

export function AccountPage() {
  const economy = useEconomy()
  const { path } = useNames<'path'>()
  const accounts = useQuery(read(economy, '/ledger/accounts/{path}', { path: { path } }))
  return (
    <Page title={path} note={<Trail path={path} />}>
      <Loaded from={accounts}>
        {({ accounts: held, module }) => (
          <>
            {held.map((account) => (
              <Held key={account.asset} account={account} module={module} />
            ))}
            <Statement path={path} assets={held.map(({ asset }) => asset)} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Held({ account, module }: HeldProps) {
  const { asset, balance, available, reserved, floor, ceiling, status, version, opened_at } = account
  return (
    <Card title={asset} actions={<Badge tone={status === 'open' ? 'good' : 'warning'}>{words(status)}</Badge>}>
      <Facts>
        <Fact name="Balance">
          <span className="text-lg font-semibold">
            <Amount value={balance} asset={asset} />
          </span>
        </Fact>
        <Fact name="Available">
          {available === null ? 'No limit: it may go below zero' : <Amount value={available} asset={asset} />}
        </Fact>
        <Fact name="Reserved by holds">
          <Amount value={reserved} asset={asset} />
        </Fact>
        <Fact name="Limits">
          {floor === null ? 'no floor' : `not below ${grouped(floor)}`},{' '}
          {ceiling === null ? 'no ceiling' : `not above ${grouped(ceiling)}`}
        </Fact>
        <Fact name="Opened">
          <Day at={opened_at} />
        </Fact>
        <Fact name="Lines">{version}</Fact>
        <Fact name="Moved by">{module === null ? 'hand, and modules' : `the module ${module} alone`}</Fact>
      </Facts>
      <div className="mt-3 -ml-3">
        <AccountActions account={account} module={module} />
      </div>
    </Card>
  )
}

interface HeldProps {
  account: Answer<'/ledger/accounts/{path}'>['accounts'][number]
  module: string | null
}

/** What changes the balance, and what it was before and after. One asset at a time: no two may be added. */
function Statement({ path, assets }: { path: string; assets: readonly string[] }) {
  const { asset = assets[0] ?? '' } = useFilters()
  return (
    <section className="space-y-2">
      <h2 className="text-base font-semibold">Statement</h2>
      <List
        label="Statement"
        path="/ledger/accounts/{path}/statement"
        names={{ path }}
        fixed={{ asset }}
        columns={columnsOf(asset)}
        rowKey={({ version }) => String(version)}
        filters={[
          ...(assets.length > 1
            ? [{ name: 'asset', label: 'Asset', options: assets.map((code) => [code, code] as const) }]
            : []),
          ORDER_FILTER,
        ]}
        empty={<Empty title="Nothing has moved here yet" />}
      />
    </section>
  )
}

type Line = Item<'/ledger/accounts/{path}/statement'>

function columnsOf(asset: string): readonly Column<Line>[] {
  return [
    {
      header: 'Recorded',
      cell: ({ recorded_at }) => <Moment at={recorded_at} />,
      csv: ({ recorded_at }) => recorded_at,
    },
    { header: 'What', cell: (line) => <What line={line} />, csv: ({ kind }) => kind },
    {
      header: 'With',
      wide: true,
      cell: (line) => <Counterparty line={line} />,
      csv: ({ counterparty }) => counterparty,
    },
    {
      header: 'Before',
      figures: true,
      wide: true,
      cell: ({ balance_before }) => grouped(balance_before),
      csv: ({ balance_before }) => balance_before,
    },
    {
      header: 'Amount',
      figures: true,
      cell: ({ amount }) => <Amount value={amount} asset={asset} signed />,
      csv: ({ amount }) => amount,
    },
    {
      header: 'After',
      figures: true,
      wide: true,
      cell: ({ balance_after }) => grouped(balance_after),
      csv: ({ balance_after }) => balance_after,
    },
    {
      header: 'Line',
      figures: true,
      wide: true,
      cell: ({ version }) => version,
      csv: ({ version }) => String(version),
    },
  ]
}

function What({ line: { entry, kind, reference } }: { line: Line }) {
  return (
    <span>
      <TextLink to={paths.entry(useEconomy(), entry)}>{words(kind)}</TextLink>
      {reference && <span className="block text-xs text-muted">{reference}</span>}
    </span>
  )
}

function Counterparty({ line: { counterparty } }: { line: Line }) {
  return (
    <TextLink quiet to={paths.account(useEconomy(), counterparty)}>
      {counterparty}
    </TextLink>
  )
}

function Trail({ path }: { path: string }) {
  const economy = useEconomy()
  const above = path.split(':').slice(0, -1)
  return (
    <>
      <TextLink to={paths.page(economy, 'accounts')}>Accounts</TextLink>
      {above.map((segment, place) => {
        const prefix = above.slice(0, place + 1).join(':')
        return (
          <span key={prefix}>
            {' / '}
            <TextLink to={{ ...paths.page(economy, 'accounts'), search: { prefix } }}>{segment}</TextLink>
          </span>
        )
      })}
    </>
  )
}
