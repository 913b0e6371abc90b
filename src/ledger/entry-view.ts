import { z } from 'zod'

import { toSafeInteger } from '../core/decimal.ts'
import { zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import type { Entry, Posting } from './entry-queries.ts'

/** An amount as it is answered: below zero with a sign. */
export const zBalance = z
  .string()
  .meta({ description: 'A decimal string; below zero with a minus sign.', examples: ['12.5'] })

const zPosting = z.object({
  no: z.int().meta({ description: 'Its place in the entry: 0, 1, 2, …' }),
  from: z.string(),
  to: z.string(),
  asset: z.string(),
  amount: zBalance,
  from_balance_before: zBalance,
  from_balance: zBalance.meta({ description: 'What was on `from` after the posting.' }),
  from_version: z.int().meta({ description: 'The number of the line on the statement of `from`.' }),
  to_balance_before: zBalance,
  to_balance: zBalance.meta({ description: 'What was on `to` after the posting.' }),
  to_version: z.int().meta({ description: 'The number of the line on the statement of `to`.' }),
})

export const zEntry = z
  .object({
    id: z.string(),
    kind: z.string(),
    reference: z.string().nullable(),
    effective_at: zTime.meta({ description: 'When it took effect.' }),
    recorded_at: zTime.meta({ description: 'When it was posted.' }),
    actor: z.string().nullable().meta({ description: 'Who posted it, such as `key:<id of the API key>`.' }),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    redacted: z.boolean().meta({ description: 'Its metadata and actor were erased.' }),
    reverses: z.string().nullable().meta({ description: 'The entry that this one undoes.' }),
    reversed_by: z.string().nullable().meta({ description: 'The entry that undid this one.' }),
    hold: z.string().nullable().meta({ description: 'The hold that it captured.' }),
    postings_count: z.int(),
    postings: z.array(zPosting),
  })
  .meta({ id: 'Entry' })

/** An entry with its amounts as decimal strings in the scale of their assets. */
export function entryView(entry: Entry): z.output<typeof zEntry> {
  const { id, kind, reference, effective_at, recorded_at, actor, metadata, redacted, hold, postings_count } = entry
  return {
    id: serialUuid(id, recorded_at),
    kind,
    reference,
    effective_at,
    recorded_at,
    actor,
    metadata,
    redacted,
    reverses: entryId(entry.reverses, entry.reverses_recorded_at),
    reversed_by: entryId(entry.reversed_by, entry.reversed_by_recorded_at),
    hold,
    postings_count,
    postings: entry.postings.map(postingView),
  }
}

/** The public id of an entry by its number and time, where there is one. */
export function entryId(entry: bigint | null, recordedAt: Date | null): string | null {
  return entry === null || recordedAt === null ? null : serialUuid(entry, recordedAt)
}

function postingView({ no, from, to, asset, scale, amount, ...posting }: Posting): z.output<typeof zPosting> {
  const format = (of: bigint) => formatAmount(of, scale)
  return {
    no,
    from,
    to,
    asset,
    amount: format(amount),
    from_balance_before: format(posting.from_balance + amount),
    from_balance: format(posting.from_balance),
    from_version: toSafeInteger(posting.from_version),
    to_balance_before: format(posting.to_balance - amount),
    to_balance: format(posting.to_balance),
    to_version: toSafeInteger(posting.to_version),
  }
}
