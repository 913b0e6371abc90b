import { z } from 'zod'

import { AppError, BadRequest, Invalid } from '../core/errors.ts'
import { zAccountPath, zAmount, zAssetCode, zText, zTime } from '../core/http.ts'
import { parseAmount } from '../core/money.ts'
import { parseStrictJson } from '../core/strict-json.ts'
import type { Moment } from './balances.ts'
import { METADATA_DEPTH_MAX, POSTINGS_MAX, REFERENCE_LENGTH_MAX } from './check-items.ts'

/*
 * What the ledger's requests are made of. What checkItems looks at, it looks at for every entrance; here are the types,
 * and the limits that keep a request from being read in vain.
 */

export const zKind = z
  .string()
  .min(1)
  .max(64)
  .meta({ description: 'What kind of entry it is, in lower case, such as `transfer`.', examples: ['transfer'] })

export const zReference = zText(REFERENCE_LENGTH_MAX).meta({
  description: 'What it is about, in the words of whoever posts it, such as the number of an invoice.',
})

export const zMetadata = z
  .record(z.string(), z.unknown())
  .meta({ description: `Anything that JSON can say, at most 16 KiB and ${METADATA_DEPTH_MAX} levels deep.` })

export const zEffectiveAt = zTime.meta({ description: 'When it took effect, if that was earlier than now.' })

export const zEntryRequest = z.strictObject({
  kind: zKind,
  postings: z
    .array(
      z
        .strictObject({
          from: zAccountPath,
          to: zAccountPath,
          asset: zAssetCode,
          amount: zAmount.optional(),
          up_to: zAmount.optional().meta({ description: 'As much as is there and fits, but no more than this.' }),
        })
        .refine(
          ({ amount, up_to }) => (amount === undefined) !== (up_to === undefined),
          'Give either amount or up_to.',
        ),
    )
    .min(1)
    .max(POSTINGS_MAX),
  linked: z
    .boolean()
    .optional()
    .meta({ description: 'Bound to the next entry: a chain of linked entries stands or falls together.' }),
  effective_at: zEffectiveAt.optional(),
  reference: zReference.optional(),
  metadata: zMetadata.optional(),
  key: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'A key is 1 to 255 visible ASCII characters.')
    .optional()
    .meta({ description: 'The entry’s own idempotency key, kept for ever.' }),
  captures: z.uuid().toLowerCase().optional().meta({ description: 'A pending hold that the entry draws on.' }),
})

export const zModule = z.string().nullable().meta({
  description: 'The module whose operations alone move what is on the account; null: it is posted to by hand.',
})

export const zPathPrefix = z
  .string()
  .regex(/^[a-z0-9._:-]{1,200}$/, 'A prefix is the first characters of a path.')
  .meta({ description: 'With a posting from or to an account whose path starts so.', examples: ['users:'] })

const zLimitAmount = z
  .string()
  .max(100)
  .regex(/^-?(0|[1-9]\d*)(\.\d+)?$/, 'Write the amount as a decimal string such as "-12.5".')
  .nullable()
  .optional()

/** How low and how high a balance may go. */
export const zLimits = {
  floor: zLimitAmount.meta({ description: 'How low the balance may go; null: without bound.', examples: ['-100'] }),
  ceiling: zLimitAmount.meta({ description: 'How high the balance may go; null: without bound.', examples: ['1000'] }),
}

/** Minor units of an asset with `scale` decimals. Fails: amount_invalid. */
export function limitsOf({ floor, ceiling }: AskedLimits, scale: number): { floor?: Limit; ceiling?: Limit } {
  return {
    ...(floor !== undefined && { floor: readLimit(floor, scale, 'floor') }),
    ...(ceiling !== undefined && { ceiling: readLimit(ceiling, scale, 'ceiling') }),
  }
}

/** The minor units that the text in `field` of a request means. Fails: amount_invalid. */
export function readAmount(text: string, scale: number, field: string): bigint {
  try {
    return parseAmount(text, scale)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new Invalid(error.code, `${field}: ${error.message}`, { ...error.params, field })
  }
}

function readLimit(text: string | null, scale: number, field: string): Limit {
  if (text === null) return null
  return text.startsWith('-') ? -readAmount(text.slice(1), scale, field) : readAmount(text, scale, field)
}

type Limit = bigint | null
type AskedLimits = z.output<z.ZodObject<typeof zLimits>>

/** `?at=` and `?effective_at=`: a moment in the past to ask about. */
export const momentQuery = {
  at: z
    .union([z.string().regex(/^\d{1,15}$/, 'A tree size is a whole number.'), zTime])
    .optional()
    .meta({ description: 'As it had been recorded by this time, or as the log’s first so many leaves hold it.' }),
  effective_at: zTime
    .optional()
    .meta({ description: 'As it had taken effect by this time, whenever it was recorded.' }),
}

/** Fails: moment_ambiguous. */
export function momentOf({ at, effective_at }: z.output<z.ZodObject<typeof momentQuery>>): Moment | undefined {
  if (at !== undefined && effective_at !== undefined) {
    throw new BadRequest('moment_ambiguous', 'Ask with either at or effective_at.')
  }
  if (effective_at) return { by: 'effective', at: effective_at }
  if (at === undefined) return undefined
  return typeof at === 'string' ? { by: 'sealed', treeSize: BigInt(at) } : { by: 'recorded', at }
}

/** Members of the metadata that is looked for, as JSON in a query. */
export const zMetadataFilter = z
  .string()
  .max(2_000)
  .transform((text, context): Record<string, unknown> => {
    const value = objectOf(text)
    if (value) return value
    context.addIssue('Write it as a JSON object such as {"order":"77"}.')
    return z.NEVER
  })
  .meta({ examples: ['{"order":"77"}'] })

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(parseStrictJson(Buffer.from(text)))
  } catch {
    return undefined
  }
}
