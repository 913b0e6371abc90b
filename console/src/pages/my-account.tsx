import { useQuery } from '@tanstack/react-query'

import { type Answer, type Item, read } from '../api/client.ts'
import { useEconomy, useFilters } from '../components/economy.tsx'
import { ORDER_FILTER } from '../components/filters.tsx'
import { FirstSteps } from '../components/first-steps.tsx'
import { List } from '../components/list.tsx'
import { MyPower } from '../components/my-power.tsx'
import { MyProof } from '../components/my-proof.tsx'
import { Loaded, Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { YearlyStatement } from '../components/yearly-statement.tsx'
import { TransferForm } from '../forms/transfer.tsx'
import { Amount, Moment } from '../ui/figures.tsx'
import { grouped } from '../ui/format.ts'
import { Card, Empty, Fact, Facts } from '../ui/surfaces.tsx'

/** What I have, what I can do with it, and every movement with what there was before and after, and why. */
export function MyAccountPage() {
  const economy = useEconomy()
  const account = useQuery(read(economy, '/me/account'))
  const me = useQuery(read(economy, '/me'))
  return (
    <Page title="My account" note="What you have, and every movement with its proof.">
      <Loaded from={account}>
        {({ data }) => (
          <>
            {data.every(({ total }) => /^0(\.0*)?$/.test(total)) && <FirstSteps />}
            {data.map((held) => (
              <Held key={held.asset} held={held} />
            ))}
            {data.map((held) => (
              <TransferForm key={held.asset} held={held} />
            ))}
            <div className="grid items-start gap-5 lg:grid-cols-2">
              <MyPower />
              {me.data && <YearlyStatement since={me.data.joined_at} />}
            </div>
            {data.length > 0 && <MyStatement assets={data.map(({ asset }) => asset)} />}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Held({
  held: { asset, available, reserved, staked, total },
}: {
  held: Answer<'/me/account'>['data'][number]
}) {
  return (
    <Card title={asset}>
      <Facts>
        <Fact name="Available">
          <span className="text-xl font-semibold">
            <Amount value={available} asset={asset} />
          </span>
        </Fact>
        <Fact name="All together">
          <span className="text-xl font-semibold">
            <Amount value={total} asset={asset} />
          </span>
        </Fact>
        <Fact name="Staked">
          <Amount value={staked} asset={asset} />
        </Fact>
        <Fact name="Reserved">
          <Amount value={reserved} asset={asset} />
        </Fact>
      </Facts>
    </Card>
  )
}

type Line = Item<'/me/statement'>

function MyStatement({ assets }: { assets: readonly string[] }) {
  const { asset = assets[0] ?? '' } = useFilters()
  return (
    <section className="space-y-2">
      <h2 className="text-base font-semibold">Statement</h2>
      <List
        label="Statement"
        path="/me/statement"
        fixed={{ asset }}
        columns={columnsOf(asset)}
        rowKey={({ version }) => String(version)}
        filters={[
          ...(assets.length > 1
            ? [{ name: 'asset', label: 'Asset', options: assets.map((code) => [code, code] as const) }]
            : []),
          ORDER_FILTER,
        ]}
        empty={<Empty title="Nothing has moved yet" />}
      />
    </section>
  )
}

function columnsOf(asset: string): readonly Column<Line>[] {
  return [
    {
      header: 'When',
      wide: true,
      cell: ({ effective_at }) => <Moment at={effective_at} />,
      csv: ({ effective_at }) => effective_at,
    },
    { header: 'Why', cell: ({ reason, note }) => <Why reason={reason} note={note} />, csv: ({ reason }) => reason },
    {
      header: 'With',
      wide: true,
      cell: ({ counterparty }) => counterparty.username ?? counterparty.name,
      csv: ({ counterparty }) => counterparty.name,
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
      header: 'Proof',
      cell: (line) => <MyProof entry={line.entry} posting={line.posting} sealed={line.sealed} />,
      csv: ({ entry }) => entry,
    },
  ]
}

function Why({ reason, note }: { reason: string; note: string | null }) {
  return (
    <span>
      {reason}
      {note && <span className="block text-xs text-muted">{note}</span>}
    </span>
  )
}
