import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Invalid } from '../core/errors.ts'
import { zText } from '../core/http.ts'
import { readValue } from '../economy/parameter-rules.ts'
import { type Parameter, parameterAt, setParameter } from '../economy/parameters.ts'
import type { ProposalEffect } from '../economy/proposal-effects.ts'
import { readParameters } from './effect-parameters.ts'
import { TREASURY_ALLOCATION } from './treasury-allocation.ts'

/** Sets a parameter that proposals may change, from its execution on; its bounds are asked again then. */
const PARAMETER_CHANGE: ProposalEffect = {
  description: 'Sets the parameter `parameter_name` to `proposed_value`.',

  async check(tx, { parameters, now }) {
    const { parameter_name, proposed_value } = readParameters(zParameterChange, parameters)
    const parameter = await governable(tx, parameter_name, now)
    const { json } = readValue(parameter.name, parameter.shape, asText(parameter, proposed_value))
    return { parameter_name: parameter.name, current_value: parameter.value, proposed_value: json }
  },

  async execute(tx, { id, parameters, now }) {
    const { parameter_name, proposed_value: value } = readParameters(zParameterChange, parameters)
    const { name } = await governable(tx, parameter_name, now)
    await setParameter(tx, { name, value, actor: `proposal:${id}`, now })
  },
}

/** Says what members want; staff sees to it. */
const FEATURE_REQUEST: ProposalEffect = {
  description: 'Says what members want; nothing moves.',

  async check(_, { parameters }) {
    const { url } = readParameters(zFeatureRequest, parameters)
    return await Promise.resolve(url === undefined ? {} : { url })
  },

  async execute() {
    await Promise.resolve()
  },
}

export const PROPOSAL_EFFECTS = {
  parameter_change: PARAMETER_CHANGE,
  treasury_allocation: TREASURY_ALLOCATION,
  feature_request: FEATURE_REQUEST,
} as const

const zParameterChange = z.strictObject({
  parameter_name: zText(64),
  proposed_value: z.unknown(),
  /** The document's proposals carry it; what is in force is read all the same. */
  current_value: z.unknown().optional(),
})

const zFeatureRequest = z.strictObject({
  url: z
    .url({ protocol: /^https$/ })
    .max(500)
    .optional(),
})

/** Fails, in this order: parameter_not_found, parameter_not_governable. */
async function governable(tx: Tx, name: string, now: Date): Promise<Parameter> {
  const parameter = await parameterAt(tx, name, now)
  if (parameter.governable) return parameter
  throw new Invalid('parameter_not_governable', `${parameter.name} is no parameter that a proposal may change.`, {
    parameter: parameter.name,
  })
}

/** The document writes amounts as whole numbers. */
function asText({ shape }: Parameter, value: unknown): unknown {
  return shape.type === 'amount' && Number.isSafeInteger(value) ? String(value) : value
}
