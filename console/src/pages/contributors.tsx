import { useQuery } from '@tanstack/react-query'

import { type Item, read } from '../api/client.ts'
import { useEconomy } from '../components/economy.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import type { Column } from '../components/table.tsx'
import { paths } from '../paths.ts'
import { Amount, Count, Day } from '../ui/figures.tsx'
import { Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Contributor = Item<'/contributors'>

export function ContributorsPage() {
  const { data } = useQuery(read(useEconomy(), '/dashboard'))
  return (
    <Page title="Contributors" note="Everybody who contributed, with what they earned.">
      <List
        label="Contributors"
        path="/contributors"
        columns={columnsOf(data?.asset ?? '')}
        rowKey={({ user_id }) => user_id}
        filters={[
          {
            name: 'order',
            label: 'Order',
            options: ORDERS,
          },
        ]}
        empty={<Empty title="Nobody has contributed yet" />}
      />
    </Page>
  )
}

const ORDERS = [
  ['', 'Most points first'],

  ['reputation_score', 'Best reputation first'],
] as const

function columnsOf(asset: string): readonly Column<Contributor>[] {
  return [
    { header: 'Contributor', cell: ({ username }) => <Name username={username} />, csv: ({ username }) => username },
    {
      header: 'Joined',
      wide: true,
      cell: ({ joined_at }) => <Day at={joined_at} />,
      csv: ({ joined_at }) => joined_at,
    },
    {
      header: 'Contributions',
      figures: true,
      wide: true,
      cell: ({ total_contributions }) => <Count value={total_contributions} />,
      csv: ({ total_contributions }) => String(total_contributions),
    },
    {
      header: 'Reputation',
      figures: true,
      wide: true,
      cell: ({ reputation_score }) => reputation_score,
      csv: ({ reputation_score }) => reputation_score,
    },
    {
      header: 'Points',
      figures: true,
      cell: ({ total_points }) => <Count value={total_points} />,
      csv: ({ total_points }) => String(total_points),
    },
    {
      header: 'Earned',
      figures: true,
      cell: ({ total_tokens_earned }) => <Amount value={total_tokens_earned} asset={asset} />,
      csv: ({ total_tokens_earned }) => total_tokens_earned,
    },
  ]
}

function Name({ username }: { username: string }) {
  return <TextLink to={paths.contributor(useEconomy(), username)}>{username}</TextLink>
}
