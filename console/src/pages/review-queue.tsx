import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'

import { type Item, read, type SendAnswer } from '../api/client.ts'
import { useEconomy, useFilters } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { Points } from '../components/points.tsx'
import { QualityRules, useQualityTerms } from '../components/quality.tsx'
import type { Column } from '../components/table.tsx'
import { ReviewForm } from '../forms/review.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Day } from '../ui/figures.tsx'
import { grouped, words } from '../ui/format.ts'
import { Card, Empty, Fact, Facts, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Queued = Item<'/contributions/review-queue'>
type Reviewed = SendAnswer<'/contributions/{id}/reviews'>

const columns: readonly Column<Queued>[] = [
  { header: 'Change', cell: (row) => <Choose row={row} />, csv: ({ id }) => id },
  { header: 'Article', cell: (row) => <Article row={row} />, csv: ({ article }) => article },
  { header: 'By', wide: true, cell: ({ username }) => username, csv: ({ username }) => username },
  {
    header: 'Made',
    wide: true,
    cell: ({ created_at }) => <Day at={created_at} />,
    csv: ({ created_at }) => created_at,
  },
  {
    header: 'Scores',
    figures: true,
    wide: true,
    cell: ({ scores, scores_missing }) => `${scores} of ${scores + scores_missing}`,
    csv: ({ scores }) => String(scores),
  },
  {
    header: 'Points so far',
    figures: true,
    cell: ({ total_points }) => grouped(String(total_points)),
    csv: ({ total_points }) => String(total_points),
  },
]

/** What waits for a review, the oldest week first, one after another: with the keyboard it is a score, Enter, a score. */
export function ReviewQueuePage() {
  const economy = useEconomy()
  const { cursor } = useFilters()
  const terms = useQualityTerms()
  const [reviewed, setReviewed] = useState<Reviewed>()
  const queue = useQuery(
    read(economy, '/contributions/review-queue', { path: {}, query: { limit: PAGE, ...(cursor && { cursor }) } }),
  )
  return (
    <Page title="Review queue" note="Changes whose quality too few have scored, before their weeks are distributed.">
      {reviewed && (
        <Notice tone="good">
          Reviewed: the quality of that change is {reviewed.quality} now.{' '}
          {reviewed.points > 0 && `The review brought you ${reviewed.points} points.`}
        </Notice>
      )}
      <Loaded from={queue}>
        {({ data, next_cursor }) =>
          data.length > 0 && <Current rows={data} more={next_cursor} onReviewed={setReviewed} />
        }
      </Loaded>
      {terms && (
        <Card title="How quality comes about">
          <QualityRules terms={terms} />
        </Card>
      )}
      <section className="space-y-2">
        <h2 className="text-base font-semibold">What waits</h2>
        <List
          label="Review queue"
          path="/contributions/review-queue"
          columns={columns}
          rowKey={({ id }) => id}
          empty={
            <Empty title="Nothing waits for a review">
              New changes come here until enough have scored them. What you made or have scored is not shown to you.
            </Empty>
          }
        />
      </section>
    </Page>
  )
}

/** As many as a list shows. */
const PAGE = 50

/** The change that is looked at, which the address names, or else the first that waits. */
function Current({ rows, more, onReviewed }: CurrentProps) {
  const economy = useEconomy()
  const navigate = useNavigate()
  const { change, cursor } = useFilters()
  const card = useRef<HTMLDivElement>(null)
  const found = rows.findIndex(({ id }) => id === change)
  const row = rows[Math.max(found, 0)]
  const next = rows[Math.max(found, 0) + 1]
  // Whoever goes from one to the next writes on without reaching for the mouse.
  useEffect(() => card.current?.querySelector('input')?.focus(), [row?.id])
  if (!row) return null
  const goOn = () => {
    const onward = next ? { ...(cursor && { cursor }), change: next.id } : more ? { cursor: more } : {}
    void navigate({ to: '.', search: onward })
  }
  return (
    <div ref={card}>
      <Card
        title={<TextLink to={paths.contribution(economy, row.id)}>{`${words(row.type)}: ${row.article}`}</TextLink>}
        note={`${row.scores} of ${row.scores + row.scores_missing} scores`}
        actions={
          <Button
            disabledReason={next || more || found > 0 ? undefined : 'This is the only one that waits.'}
            onClick={goOn}
          >
            Skip
          </Button>
        }
      >
        <div className="space-y-4">
          <Work row={row} />
          <ReviewForm
            key={row.id}
            of={row}
            onReviewed={(reviewed) => {
              onReviewed(reviewed)
              goOn()
            }}
          />
        </div>
      </Card>
    </div>
  )
}

interface CurrentProps {
  rows: readonly Queued[]
  more: string | null
  onReviewed: (reviewed: Reviewed) => void
}

function Work({ row }: { row: Queued }) {
  const economy = useEconomy()
  const sizes = Object.entries(row.metadata).filter(([, size]) => size !== null)
  return (
    <>
      <Points of={row} whole />
      <Facts>
        <Fact name="Article">
          <Article row={row} />
        </Fact>
        <Fact name="By">
          <TextLink to={paths.contributor(economy, row.username)}>{row.username}</TextLink>, <Day at={row.created_at} />
        </Fact>
        {row.description && (
          <Fact name="Description" wide>
            {row.description}
          </Fact>
        )}
        {sizes.map(([name, size]) => (
          <Fact key={name} name={words(name)}>
            {size}
          </Fact>
        ))}
      </Facts>
    </>
  )
}

function Choose({ row: { id, type } }: { row: Queued }) {
  const { cursor } = useFilters()
  const page = paths.page(useEconomy(), 'reviewQueue')
  return <TextLink to={{ ...page, search: { ...(cursor && { cursor }), change: id } }}>{words(type)}</TextLink>
}

function Article({ row: { article, article_id } }: { row: Queued }) {
  return (
    <TextLink quiet to={paths.article(useEconomy(), article_id)}>
      {article}
    </TextLink>
  )
}
