import { z } from 'zod'

import { Invalid } from '../core/errors.ts'

/** What a proposal asks its effect to do, by that effect's schema. Fails: proposal_parameters_invalid. */
export function readParameters<Schema extends z.ZodType>(schema: Schema, parameters: unknown): z.output<Schema> {
  const read = schema.safeParse(parameters)
  if (read.success) return read.data
  const fields = read.error.issues.map(({ path, message }) => `${path.join('.') || 'parameters'}: ${message}`)
  throw new Invalid('proposal_parameters_invalid', `The parameters do not fit the type. ${fields.join(' ')}`, {
    fields,
  })
}
