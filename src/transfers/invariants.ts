import { sql } from 'kysely'

import type { Invariant } from '../ledger/invariants.ts'

/** Between transfers and the books. */
export const TRANSFER_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'A transfer goes from one member’s wallet to another’s, and its fee to the treasury',
    query: sql<{ detail: string }>`
      select 'entry ' || entry.id as detail
      from ledger.entry
      cross join lateral (
        select
          count(*) as postings,
          count(distinct posting.from_account) as senders,
          bool_and(
            source.path ~ '^users:[^:]+:available$'
              and case posting.no
                when 0 then target.path ~ '^users:[^:]+:available$'
                else target.path = 'treasury:main'
              end
          ) as between_members
        from ledger.posting
        join ledger.account as source on source.id = posting.from_account
        join ledger.account as target on target.id = posting.to_account
        where posting.entry = entry.id
      ) as moved
      where entry.kind = 'member_transfer'
        and not (moved.postings <= 2 and moved.senders = 1 and moved.between_members)
      limit 10
    `,
  },
]
