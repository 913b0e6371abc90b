import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { fetchRead, type Item } from '../api/client.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Amount, Count } from '../ui/figures.tsx'
import { Icon } from '../ui/icon.tsx'
import { Card, Empty, Skeleton } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { useEconomy } from './economy.tsx'
import { Failure } from './page.tsx'

type Branch = Item<'/ledger/branches'>

/** The accounts by the segments of their paths: each branch is asked for when it is opened, a page at a time. */
export function AccountTree() {
  return (
    <Card title="Tree" note="What lies below a branch, and what it comes to in each asset.">
      <div className="-mx-4 -mb-4">
        <Level below={undefined} depth={0} />
      </div>
    </Card>
  )
}

function Level({ below, depth }: { below: string | undefined; depth: number }) {
  const economy = useEconomy()
  const level = useInfiniteQuery({
    queryKey: [economy, '/ledger/branches', below],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(below !== undefined && { below }), ...(pageParam && { cursor: pageParam }) }
      return await fetchRead(economy, '/ledger/branches', { query }, signal)
    },
    getNextPageParam: ({ next_cursor }) => next_cursor,
  })
  if (level.error) return <Failure error={level.error} retry={() => void level.refetch()} />
  if (!level.data) {
    return (
      <div className="px-4 pb-2">
        <Skeleton lines={2} />
      </div>
    )
  }
  const branches = level.data.pages.flatMap(({ data }) => data)
  if (branches.length === 0)
    return <Empty title="No accounts yet">An account opens with the first movement on it.</Empty>
  return (
    <ul>
      {branches.map((branch) => (
        <Node key={`${branch.kind} ${branch.path}`} branch={branch} depth={depth} />
      ))}
      {level.hasNextPage && (
        <li className="px-4 py-2">
          <Button look="quiet" busy={level.isFetchingNextPage} onClick={() => void level.fetchNextPage()}>
            Show more{below !== undefined && ` of ${below}`}
          </Button>
        </li>
      )}
    </ul>
  )
}

const PAGE = 20

function Node({ branch: { path, kind, held }, depth }: { branch: Branch; depth: number }) {
  const economy = useEconomy()
  const [open, setOpen] = useState(false)
  const name = path.split(':').at(-1)
  const accounts = held.reduce((sum, of) => sum + of.accounts, 0)
  return (
    <li>
      <div
        className={`flex flex-wrap items-baseline justify-between gap-x-4 border-t border-line py-1.5 pr-4 ${inset(depth)}`}
      >
        {kind === 'account' ? (
          <span className="pl-6 break-all">
            <TextLink to={paths.account(economy, path)}>{name}</TextLink>
          </span>
        ) : (
          <button
            type="button"
            aria-expanded={open}
            className="flex min-h-6 items-center gap-2 rounded text-left font-medium break-all hover:underline"
            onClick={() => setOpen(!open)}
          >
            <Icon name="chevron" className={`transition-transform ${open ? 'rotate-90' : ''}`} />
            <span>
              {name}{' '}
              <span className="figures text-xs font-normal text-muted">
                <Count value={accounts} /> {accounts === 1 ? 'account' : 'accounts'}
              </span>
            </span>
          </button>
        )}
        <span className="ml-auto flex flex-col items-end text-sm">
          {held.map(({ asset, balance }) => (
            <Amount key={asset} value={balance} asset={asset} />
          ))}
        </span>
      </div>
      {open && <Level below={path} depth={depth + 1} />}
    </li>
  )
}

/** Paths have eight segments at most. */
const INSETS = ['pl-4', 'pl-8', 'pl-12', 'pl-16', 'pl-20', 'pl-24', 'pl-28', 'pl-32'] as const

function inset(depth: number): string {
  return INSETS[Math.min(depth, INSETS.length - 1)] ?? ''
}
