import { useQuery } from '@tanstack/react-query'

import { read } from '../api/client.ts'
import { useEconomy, useNames, useRefusal } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { CurateArticle } from '../forms/article-curate.tsx'
import { paths } from '../paths.ts'
import { Amount, Count } from '../ui/figures.tsx'
import { Badge, Empty, Figure } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { CONTRIBUTION_COLUMNS, TYPE_FILTER } from './contributions.tsx'

export function ArticlePage() {
  const economy = useEconomy()
  const { id } = useNames<'id'>()
  const article = useQuery(read(economy, '/articles/{id}', { path: { id } }))
  const asset = useQuery(read(economy, '/dashboard')).data?.asset ?? ''
  const curates = useRefusal('articles.curate') === undefined
  return (
    <Page
      title={article.data?.name ?? 'Article'}
      note={<TextLink to={paths.page(economy, 'articles')}>Articles</TextLink>}
    >
      <Loaded from={article} lines={3}>
        {(found) => (
          <>
            <div className="flex flex-wrap gap-2 empty:hidden">
              {found.token_metadata.featured && <Badge tone="good">Featured</Badge>}
              {found.token_metadata.expert_reviewed && <Badge>Expert reviewed</Badge>}
              {found.token_metadata.high_demand && <Badge tone="warning">High demand</Badge>}
            </div>
            <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
              <Figure name="Earned its authors">
                <Amount value={found.total_tokens_earned} asset={asset} />
              </Figure>
              <Figure name="Contributions">
                <Count value={found.contribution_count} />
              </Figure>
              <Figure
                name="Demand"
                note={found.staff_demand === null ? 'from its page views' : `set to ${found.staff_demand} by staff`}
              >
                {found.demand_score}
              </Figure>
              <Figure name="Quality">{found.quality_score}</Figure>
            </div>
            {curates && <CurateArticle key={JSON.stringify(found)} article={found} />}
          </>
        )}
      </Loaded>
      <section className="space-y-2">
        <h2 className="text-base font-semibold">Contributions</h2>
        <List
          label="Contributions"
          path="/contributions"
          fixed={{ article_id: id }}
          columns={CONTRIBUTION_COLUMNS.filter(({ header }) => header !== 'Article')}
          rowKey={(row) => row.id}
          filters={[TYPE_FILTER]}
          empty={<Empty title="No contributions yet" />}
        />
      </section>
    </Page>
  )
}
