import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { type Answer, type Item, read } from '../api/client.ts'
import { useEconomy, useNames } from '../components/economy.tsx'
import { ImportProgress } from '../components/import-progress.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { RollbackImport } from '../forms/import-rollback.tsx'
import { paths } from '../paths.ts'
import { Count, Moment } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Card, Empty, Fact, Facts, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { hasStopped, linesPerSecond } from './import-rules.ts'

type Import = Answer<'/imports/{id}'>
type Refusal = Item<'/imports/{id}/refusals'>

const columns: readonly Column<Refusal>[] = [
  { header: 'Line', figures: true, cell: ({ line }) => <Count value={line} />, csv: ({ line }) => String(line) },
  { header: 'Why', cell: ({ message }) => message, csv: ({ message }) => message },
  { header: 'Field', wide: true, cell: ({ field }) => field ?? '–', csv: ({ field }) => field ?? '' },
  { header: 'Code', wide: true, cell: ({ code }) => code, csv: ({ code }) => code },
]

const FOLLOWED_MS = 1_000

export function ImportPage() {
  const economy = useEconomy()
  const { id } = useNames<'id'>()
  const found = useQuery({
    ...read(economy, '/imports/{id}', { path: { id } }),
    refetchInterval: ({ state }) => (state.data?.status === 'reading' ? FOLLOWED_MS : false),
  })
  return (
    <Page
      title={found.data?.file ?? 'Import'}
      note={<TextLink to={paths.page(economy, 'imports')}>Imports</TextLink>}
      actions={found.data && <RollbackImport of={found.data} />}
    >
      <Loaded from={found}>
        {(of) => (
          <>
            <Standing of={of} now={new Date(found.dataUpdatedAt)} />
            <Brought of={of} />
            <section className="space-y-2">
              <h2 className="text-base font-semibold">Lines left out</h2>
              <List
                label="Lines left out"
                path="/imports/{id}/refusals"
                names={{ id }}
                columns={columns}
                rowKey={({ line }) => String(line)}
                followed_ms={of.status === 'reading' ? FOLLOWED_MS : undefined}
                empty={
                  <Empty
                    title={of.refused === 0 ? 'Every line was taken in' : 'Why they were left out was not kept then'}
                  />
                }
              />
            </section>
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** How far it is, how fast it goes, and what to do where it has stopped. */
function Standing({ of, now }: { of: Import; now: Date }) {
  const [first, setFirst] = useState(of)
  if (first.id !== of.id) setFirst(of)
  if (of.status === 'rolled_back') {
    return (
      <Notice tone="warning" title="It was taken back">
        {of.rolled_back_at && <Moment at={of.rolled_back_at} />} by {of.rolled_back_by}. What it had brought is gone.
      </Notice>
    )
  }
  if (of.status === 'completed') return null
  const rate = linesPerSecond(first, of)
  return (
    <Card title="It is being read">
      <ImportProgress of={of} />
      <p role="status" className="figures mt-2 text-sm text-muted">
        <Count value={of.lines} /> lines
        {rate !== undefined && (
          <>
            , <Count value={rate} /> a second
          </>
        )}
      </p>
      {hasStopped(of, now) && (
        <div className="mt-3">
          <Notice tone="warning" title="It does not move">
            Whoever read it has stopped, or waits. Run the same <code className="font-mono">florin import</code> again:
            it goes on after the last line that is in.
          </Notice>
        </div>
      )}
    </Card>
  )
}

function Brought({ of }: { of: Import }) {
  return (
    <Card title="What it brought">
      <Facts>
        <Fact name="Contributions">
          <Count value={of.contributions} />
        </Fact>
        <Fact name="New people">
          <Count value={of.people} />
        </Fact>
        <Fact name="New articles">
          <Count value={of.articles} />
        </Fact>
        <Fact name="Figures of page views">
          <Count value={of.views} />
        </Fact>
        <Fact name="Lines">
          <Count value={of.lines} />, of these <Count value={of.refused} /> left out
        </Fact>
        <Fact name="Fields that differ from ours">
          <Count value={of.differences} />
        </Fact>
        <Fact name="Format">{words(of.format)}</Fact>
        <Fact name="By">{of.actor}</Fact>
        <Fact name="Started">
          <Moment at={of.started_at} />
        </Fact>
        <Fact name="Read to its end">{of.completed_at ? <Moment at={of.completed_at} /> : 'Not yet'}</Fact>
      </Facts>
    </Card>
  )
}
