import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import type { Item } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Moment } from '../ui/figures.tsx'
import { Card, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { monthStart } from './closing-rules.ts'

type Closing = Item<'/ledger/closing'>

const columns: readonly Column<Closing>[] = [
  {
    header: 'Closed before',
    cell: ({ closed_before }) => <Report before={closed_before} />,
    csv: ({ closed_before }) => closed_before,
  },
  { header: 'Done', cell: ({ closed_at }) => <Moment at={closed_at} />, csv: ({ closed_at }) => closed_at },
  {
    header: 'By',
    wide: true,
    cell: ({ actor }) => <span className="break-all">{actor}</span>,
    csv: ({ actor }) => actor,
  },
]

export function ClosingPage() {
  const economy = useEconomy()
  const navigate = useNavigate()
  const [day, setDay] = useState(() => monthStart(new Date()))
  return (
    <Page title="Closing" note="Once the books are closed to a day, nothing can be recorded any more as of before it.">
      <Card title="Look at a period" note="Its report, and what is still open. Nothing is closed by looking.">
        <form
          className="flex flex-wrap items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            void navigate(paths.closingReport(economy, `${day}T00:00:00Z`))
          }}
        >
          <TextField
            label="All before"
            type="date"
            required
            value={day}
            onChange={({ target }) => setDay(target.value)}
          />
          <Button type="submit" look="primary">
            See the report
          </Button>
        </form>
      </Card>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">History</h2>
        <List
          label="Closings"
          path="/ledger/closing"
          columns={columns}
          rowKey={({ closed_at }) => closed_at}
          empty={<Empty title="The books were never closed">Look at a period first, then close it.</Empty>}
        />
      </section>
    </Page>
  )
}

function Report({ before }: { before: string }) {
  return (
    <TextLink to={paths.closingReport(useEconomy(), before)}>
      <Moment at={before} />
    </TextLink>
  )
}
