import type { Item } from '../api/client.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { ORDER_FILTER } from '../components/filters.tsx'
import { List } from '../components/list.tsx'
import { Page } from '../components/page.tsx'
import { Points } from '../components/points.tsx'
import type { Column } from '../components/table.tsx'
import { RecordContribution } from '../forms/contribution-record.tsx'
import { paths } from '../paths.ts'
import { Day } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Empty } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Contribution = Item<'/contributions'>

export const CONTRIBUTION_COLUMNS: readonly Column<Contribution>[] = [
  { header: 'When', cell: (row) => <When row={row} />, csv: ({ created_at }) => created_at },
  { header: 'Who', cell: ({ username }) => <Who username={username} />, csv: ({ username }) => username },
  { header: 'What', wide: true, cell: ({ type }) => words(type), csv: ({ type }) => type },
  { header: 'Article', wide: true, cell: (row) => <Article row={row} />, csv: ({ article }) => article },
  {
    header: 'Points',
    figures: true,
    cell: (row) => <Points of={row} />,
    csv: ({ total_points }) => String(total_points),
  },
]

export const TYPE_FILTER = {
  name: 'type',
  label: 'Type',
  options: [
    ['', 'Every type'],
    ...(['creation', 'major_edit', 'minor_edit', 'review', 'translation'] as const).map(
      (type) => [type, words(type)] as const,
    ),
  ],
} as const

export function ContributionsPage() {
  return (
    <Page
      title="Contributions"
      note="What people did, and the points that it is worth: base × quality × reputation × demand."
      actions={useRefusal('contributions.record') === undefined && <RecordContribution />}
    >
      <List
        label="Contributions"
        path="/contributions"
        columns={CONTRIBUTION_COLUMNS}
        rowKey={({ id }) => id}
        filters={[TYPE_FILTER, { name: 'username', label: 'Username' }, ORDER_FILTER]}
        empty={
          <Empty title="No contributions yet">
            Record the first, or bring in what there is with <code className="font-mono">florin import</code>.
          </Empty>
        }
      />
    </Page>
  )
}

function When({ row: { id, created_at } }: { row: Contribution }) {
  return (
    <TextLink to={paths.contribution(useEconomy(), id)}>
      <Day at={created_at} />
    </TextLink>
  )
}

function Who({ username }: { username: string }) {
  return (
    <TextLink quiet to={paths.contributor(useEconomy(), username)}>
      {username}
    </TextLink>
  )
}

function Article({ row: { article, article_id } }: { row: Contribution }) {
  return (
    <TextLink quiet to={paths.article(useEconomy(), article_id)}>
      {article}
    </TextLink>
  )
}
