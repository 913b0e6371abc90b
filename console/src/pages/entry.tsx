import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { type Answer, read } from '../api/client.ts'
import { useEconomy, useNames, useRefusal } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { type Column, Table } from '../components/table.tsx'
import { VerifyEntry } from '../components/verify-entry.tsx'
import { ReverseEntry } from '../forms/entry-reverse.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Amount, Code, Moment } from '../ui/figures.tsx'
import { grouped, words } from '../ui/format.ts'
import { Card, Fact, Facts, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Entry = Answer<'/ledger/entries/{id}'>

export function EntryPage() {
  const economy = useEconomy()
  const { id } = useNames<'id'>()
  const entry = useQuery(read(economy, '/ledger/entries/{id}', { path: { id } }))
  const [reversing, setReversing] = useState(false)
  const refusal = useRefusal('ledger.reverse')
  return (
    <Page
      title={entry.data ? words(entry.data.kind) : 'Entry'}
      note={<TextLink to={paths.page(economy, 'entries')}>Entries</TextLink>}
      actions={
        <Button
          look="danger"
          disabledReason={refusal ?? reversedAlready(entry.data)}
          onClick={() => setReversing(true)}
        >
          Reverse
        </Button>
      }
    >
      <Loaded from={entry}>
        {(found) => (
          <>
            <Standing entry={found} />
            <Card title="What it says">
              <Facts>
                <Fact name="Id">
                  <Code value={found.id} />
                </Fact>
                <Fact name="Reference">{found.reference ?? 'none'}</Fact>
                <Fact name="Recorded">
                  <Moment at={found.recorded_at} />
                </Fact>
                <Fact name="Effective">
                  <Moment at={found.effective_at} />
                </Fact>
                <Fact name="Done by">{found.actor ? <Code value={found.actor} /> : 'not said'}</Fact>
                <Fact name="Postings">{found.postings_count}</Fact>
                {found.metadata && (
                  <Fact name="Metadata" wide>
                    <pre className="mt-1 overflow-x-auto rounded-md bg-raised p-3 font-mono text-xs" tabIndex={0}>
                      {JSON.stringify(found.metadata, null, 2)}
                    </pre>
                  </Fact>
                )}
              </Facts>
            </Card>
            <Card title="Postings" note="In order; the balances are those after each posting.">
              <div className="-mx-4 -mb-4">
                <Table label="Postings" columns={columns} rows={found.postings} rowKey={({ no }) => String(no)} />
              </div>
            </Card>
            <VerifyEntry id={found.id} postings={found.postings_count} />
            <ReverseEntry entry={found} open={reversing} onClose={() => setReversing(false)} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function reversedAlready(entry: Entry | undefined): string | undefined {
  if (entry?.reversed_by) return 'It has been reversed, and an entry is reversed once.'
  if (entry?.reverses) return 'A reversal is not reversed: post the movement again.'
  return undefined
}

function Standing({ entry: { reverses, reversed_by, redacted } }: { entry: Entry }) {
  const economy = useEconomy()
  return (
    <>
      {reversed_by && (
        <Notice tone="warning">
          This was reversed by <TextLink to={paths.entry(economy, reversed_by)}>another entry</TextLink>.
        </Notice>
      )}
      {reverses && (
        <Notice>
          This reverses <TextLink to={paths.entry(economy, reverses)}>an earlier entry</TextLink>.
        </Notice>
      )}
      {redacted && <Notice>Personal data of this entry was erased. Its proofs still hold.</Notice>}
    </>
  )
}

type Posting = Entry['postings'][number]

const columns: readonly Column<Posting>[] = [
  { header: 'No', wide: true, cell: ({ no }) => no },
  { header: 'From', wide: true, cell: (posting) => <Side path={posting.from} after={posting.from_balance} /> },
  { header: 'To', wide: true, cell: (posting) => <Side path={posting.to} after={posting.to_balance} /> },
  {
    header: 'From and to',
    narrow: true,
    cell: ({ from, from_balance, to, to_balance }) => (
      <div className="space-y-1.5 break-all">
        <Side path={from} after={from_balance} />
        <Side path={to} after={to_balance} />
      </div>
    ),
  },
  { header: 'Amount', figures: true, cell: ({ amount, asset }) => <Amount value={amount} asset={asset} /> },
]

function Side({ path, after }: { path: string; after: string }) {
  return (
    <span className="block">
      <TextLink to={paths.account(useEconomy(), path)}>{path}</TextLink>
      <span className="figures block text-xs text-muted">then {grouped(after)}</span>
    </span>
  )
}
