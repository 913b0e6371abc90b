import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { UploadViews } from '../forms/views-upload.tsx'
import { paths } from '../paths.ts'
import { Amount, Count, Day } from '../ui/figures.tsx'
import { Badge, Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Article = Item<'/articles'>

export function ArticlesPage() {
  const { data } = useQuery(read(useEconomy(), '/dashboard'))
  const counts = useRefusal('articles.views') === undefined
  return (
    <Page
      title="Articles"
      note="What is worked on, how much it is wanted, and what it has earned its authors."
      actions={counts && <UploadViews />}
    >
      <List
        label="Articles"
        path="/articles"
        columns={columnsOf(data?.asset ?? '')}
        rowKey={({ id }) => id}
        filters={[
          { name: 'name', label: 'Name' },
          {
            name: 'high_demand',
            label: 'Demand',
            options: [
              ['', 'Any demand'],
              ['true', 'High demand'],
            ],
          },
          {
            name: 'featured',
            label: 'Featured',
            options: [
              ['', 'Featured or not'],
              ['true', 'Featured'],
              ['false', 'Not featured'],
            ],
          },
        ]}
        empty={<Empty title="No articles yet">An article appears with the first contribution to it.</Empty>}
      />
    </Page>
  )
}

function columnsOf(asset: string): readonly Column<Article>[] {
  return [
    { header: 'Article', cell: (article) => <Name article={article} />, csv: ({ name }) => name },
    {
      header: 'Demand',
      figures: true,
      wide: true,
      cell: ({ demand_score }) => demand_score,
      csv: ({ demand_score }) => demand_score,
    },
    {
      header: 'Quality',
      figures: true,
      wide: true,
      cell: ({ quality_score }) => quality_score,
      csv: ({ quality_score }) => quality_score,
    },
    {
      header: 'Contributions',
      figures: true,
      wide: true,
      cell: ({ contribution_count }) => <Count value={contribution_count} />,
      csv: ({ contribution_count }) => String(contribution_count),
    },
    {
      header: 'Last change',
      wide: true,
      cell: ({ last_contribution_date: at }) => (at ? <Day at={at} /> : '–'),
      csv: ({ last_contribution_date }) => last_contribution_date ?? '',
    },
    {
      header: 'Earned',
      figures: true,
      cell: ({ total_tokens_earned }) => <Amount value={total_tokens_earned} asset={asset} />,
      csv: ({ total_tokens_earned }) => total_tokens_earned,
    },
  ]
}

function Name({ article: { id, name, token_metadata } }: { article: Article }) {
  const { featured, expert_reviewed, high_demand } = token_metadata
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <TextLink to={paths.article(useEconomy(), id)}>{name}</TextLink>
      {featured && <Badge tone="good">Featured</Badge>}
      {expert_reviewed && <Badge>Expert reviewed</Badge>}
      {high_demand && <Badge tone="warning">High demand</Badge>}
    </span>
  )
}
