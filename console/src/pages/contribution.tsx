import { useQuery } from '@tanstack/react-query'

import { type Answer, type Item, read } from '../api/client.ts'
import { useEconomy, useNames, useRefusal } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { Points } from '../components/points.tsx'
import type { Column } from '../components/table.tsx'
import { ReviewForm } from '../forms/review.tsx'
import { paths } from '../paths.ts'
import { Day, Moment } from '../ui/figures.tsx'
import { weekOf, words } from '../ui/format.ts'
import { Badge, Card, Empty, Fact, Facts } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Review = Item<'/contributions/{id}/reviews'>

const columns: readonly Column<Review>[] = [
  { header: 'When', cell: ({ created_at }) => <Day at={created_at} />, csv: ({ created_at }) => created_at },
  {
    header: 'By',
    cell: ({ reviewer, staff }) => (staff ? 'Staff' : (reviewer ?? 'erased')),
    csv: ({ reviewer }) => reviewer ?? '',
  },
  { header: 'Score', figures: true, cell: ({ score }) => score ?? '–', csv: ({ score }) => score ?? '' },
  { header: 'Comment', cell: ({ comment }) => comment ?? '–', csv: ({ comment }) => comment ?? '' },
]

export function ContributionPage() {
  const economy = useEconomy()
  const { id } = useNames<'id'>()
  const contribution = useQuery(read(economy, '/contributions/{id}', { path: { id } }))
  const refusal = useRefusal('contributions.review')
  return (
    <Page
      title={contribution.data ? words(contribution.data.type) : 'Contribution'}
      note={<TextLink to={paths.page(economy, 'contributions')}>Contributions</TextLink>}
    >
      <Loaded from={contribution}>
        {(found) => (
          <>
            <Multiplication of={found} />
            <Card title="What was done">
              <Facts>
                <Fact name="By">
                  <TextLink to={paths.contributor(economy, found.username)}>{found.username}</TextLink>
                </Fact>
                <Fact name="Article">
                  <TextLink to={paths.article(economy, found.article_id)}>{found.article}</TextLink>
                </Fact>
                <Fact name="When">
                  <Moment at={found.created_at} />
                </Fact>
                <Fact name="Counts for the week">
                  {weekOf(found)}{' '}
                  {found.settled ? <Badge tone="good">Distributed</Badge> : <Badge>Not distributed yet</Badge>}
                </Fact>
                {found.description && (
                  <Fact name="Description" wide>
                    {found.description}
                  </Fact>
                )}
                {Object.entries(found.metadata ?? {}).map(([name, value]) =>
                  value === null || value === undefined ? null : (
                    <Fact key={name} name={words(name)}>
                      {value}
                    </Fact>
                  ),
                )}
              </Facts>
            </Card>
            {refusal === undefined && found.type !== 'review' && (
              <Card title="Review it">
                <ReviewForm of={found} />
              </Card>
            )}
            <section className="space-y-2">
              <h2 className="text-base font-semibold">Reviews</h2>
              <List
                label="Reviews"
                path="/contributions/{id}/reviews"
                names={{ id }}
                columns={columns}
                rowKey={(review) => review.id}
                empty={<Empty title="No reviews yet">Until there is one, the quality multiplier is 1.</Empty>}
              />
            </section>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Multiplication({ of }: { of: Answer<'/contributions/{id}'> }) {
  const parts = [
    ['Base', String(of.base_points), `what ${words(of.type).toLowerCase()} is worth`],
    ['Quality', of.quality_multiplier, 'from its reviews'],
    ['Reputation', of.reputation_multiplier, 'of who did it, at that time'],
    ['Demand', of.demand_multiplier, 'for the article'],
  ]
  return (
    <Card title="Points" note="The product is rounded once, half up, to whole points.">
      <Points of={of} whole />
      <dl className="mt-4 grid grid-cols-2 gap-3 sm:grid-cols-4">
        {parts.map(([name, value, why]) => (
          <div key={name} className="rounded-md bg-raised px-3 py-2">
            <dt className="text-xs text-muted">{name}</dt>
            <dd className="figures font-medium">
              {value}
              <span className="block text-xs font-normal text-muted">{why}</span>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
