import { z } from 'zod'

import { assert, must } from '../core/assert.ts'
import { zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import type { Scales } from './asset-scales.ts'
import { zBalance } from './entry-view.ts'
import type { Posted, Result } from './items.ts'

export const zPosted = z.object({
  status: z.literal('posted'),
  id: z.string().optional().meta({ description: 'The entry; a dry run has none.' }),
  effective_at: zTime,
  recorded_at: zTime,
  postings: z
    .array(z.object({ asset: z.string(), amount: zBalance, from_balance: zBalance, to_balance: zBalance }))
    .meta({ description: 'In the order asked for, with the balances after each.' }),
  replayed: z.boolean().optional().meta({ description: 'It was posted before, by a request with the same key.' }),
})

const zRejected = z
  .object({
    status: z.literal('rejected'),
    code: z.string().meta({ description: 'Stable, in snake_case; docs/errors.md lists them.' }),
    detail: z.string().meta({ description: 'A sentence that says what to do.' }),
    replayed: z.boolean().optional(),
  })
  .catchall(z.union([z.string(), z.boolean()]))
  .meta({ description: 'With the figures behind the sentence, such as `available` and `needed`.' })

export const zResult = z.discriminatedUnion('status', [zPosted, zRejected])

/** What became of an entry whose postings are of `assets`, one after the other. */
export function resultView(result: Result, options: ViewOptions): z.output<typeof zResult> {
  if (result.status === 'posted') return postedView(result, options)
  assert(result.status === 'rejected', 'An entry is posted or refused')
  const { code, message, params, replayed } = result
  return { ...params, status: 'rejected', code, detail: message, ...(replayed && { replayed }) }
}

export function postedView(
  { entry, effectiveAt, recordedAt, postings, replayed }: Posted,
  { assets, scales, dry_run }: ViewOptions,
): z.output<typeof zPosted> {
  return {
    status: 'posted',
    ...(!dry_run && { id: serialUuid(entry, recordedAt) }),
    effective_at: effectiveAt,
    recorded_at: recordedAt,
    postings: postings.map(({ amount, fromBalance, toBalance }, i) => {
      const { asset } = must(assets[i], 'What was posted is what was asked for')
      const scale = must(scales.get(asset), `Asset ${asset} has a scale`)
      return {
        asset,
        amount: formatAmount(amount, scale),
        from_balance: formatAmount(fromBalance, scale),
        to_balance: formatAmount(toBalance, scale),
      }
    }),
    ...(replayed && { replayed }),
  }
}

interface ViewOptions {
  assets: readonly { asset: string }[]
  scales: Scales
  dry_run: boolean
}
