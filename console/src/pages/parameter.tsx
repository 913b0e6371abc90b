import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy, useNames } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { ParameterValue } from '../components/parameter-value.tsx'
import type { Column } from '../components/table.tsx'
import { SetParameter } from '../forms/parameter-set.tsx'
import { paths } from '../paths.ts'
import { Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Card, Empty, Fact, Facts } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Change = Item<'/parameters/{name}/history'>

const columns: readonly Column<Change>[] = [
  {
    header: 'In force from',
    cell: ({ in_force_from }) => <Moment at={in_force_from} />,
    csv: ({ in_force_from }) => in_force_from,
  },
  {
    header: 'Value',
    cell: ({ value }) => <ParameterValue value={value} short />,
    csv: ({ value }) => JSON.stringify(value),
  },
  { header: 'Set by', wide: true, cell: ({ set_by }) => set_by, csv: ({ set_by }) => set_by },
  { header: 'Set at', wide: true, cell: ({ set_at }) => <Moment at={set_at} />, csv: ({ set_at }) => set_at },
]

export function ParameterPage() {
  const economy = useEconomy()
  const { name } = useNames<'name'>()
  const parameter = useQuery(read(economy, '/parameters/{name}', { path: { name } }))
  return (
    <Page title={words(name)} note={<TextLink to={paths.page(economy, 'parameters')}>Parameters</TextLink>}>
      <Loaded from={parameter}>
        {(found) => (
          <>
            <Card title="In force" note={found.description}>
              <ParameterValue value={found.value} />
              <div className="mt-4">
                <Facts>
                  <Fact name="Since">
                    <Moment at={found.in_force_from} />
                  </Fact>
                  <Fact name="Set by">{found.set_by}</Fact>
                  <Fact name="Bounds" wide>
                    <Bounds shape={found.shape} />
                  </Fact>
                </Facts>
              </div>
            </Card>
            <SetParameter key={JSON.stringify(found.value)} name={name} value={found.value} />
          </>
        )}
      </Loaded>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">History</h2>
        <List
          label="History"
          path="/parameters/{name}/history"
          names={{ name }}
          columns={columns}
          rowKey={({ set_at, in_force_from }) => `${set_at} ${in_force_from}`}
          empty={<Empty title="It was never changed" />}
        />
      </section>
    </Page>
  )
}

function Bounds({ shape }: { shape: unknown }) {
  const parts = Object.entries((shape ?? {}) as Record<string, unknown>)
  return (
    <span>
      {parts
        .map(
          ([name, value]) =>
            `${words(name)} ${typeof value === 'string' ? words(value).toLowerCase() : JSON.stringify(value)}`,
        )
        .join(' · ')}
    </span>
  )
}
