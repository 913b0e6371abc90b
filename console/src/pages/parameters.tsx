import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { ParameterValue } from '../components/parameter-value.tsx'
import { type Column, Table } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Day } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Badge, Card, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Parameter = Item<'/parameters'>

const columns: readonly Column<Parameter>[] = [
  { header: 'Parameter', cell: (parameter) => <Name parameter={parameter} /> },
  { header: 'Value', cell: ({ value }) => <ParameterValue value={value} short /> },
  { header: 'In force since', wide: true, cell: ({ in_force_from }) => <Day at={in_force_from} /> },
]

export function ParametersPage() {
  const parameters = useQuery(read(useEconomy(), '/parameters'))
  return (
    <Page
      title="Parameters"
      note="The numbers that the rules read. Each change is dated, signed by who made it, and sealed in the log."
    >
      <Loaded from={parameters} lines={10}>
        {({ data }) =>
          data.length === 0 ? (
            <Card>
              <Empty title="This economy has no parameters" />
            </Card>
          ) : (
            [...Map.groupBy(data, ({ module }) => module)].map(([module, rows]) => (
              <Card key={module} title={words(module)}>
                <div className="-mx-4 -mb-4">
                  <Table label={`Parameters of ${module}`} columns={columns} rows={rows} rowKey={({ name }) => name} />
                </div>
              </Card>
            ))
          )
        }
      </Loaded>
    </Page>
  )
}

function Name({ parameter: { name, description, governable } }: { parameter: Parameter }) {
  return (
    <span className="block max-w-xl">
      <TextLink to={paths.parameter(useEconomy(), name)}>{words(name)}</TextLink>{' '}
      {governable && <Badge>By proposal, too</Badge>}
      <span className="block text-xs text-muted max-md:hidden">{description}</span>
    </span>
  )
}
