import { assert } from '../core/assert.ts'
import type { Db, Tx } from '../core/db.ts'
import { defineParameters } from '../economy/define.ts'
import { parameterAt, parametersAt } from '../economy/parameters.ts'

/** What votes go by; the first values are those of docs/systems/kontrib.md. Delays and the timelock are never nothing. */
export const GOVERNANCE_PARAMETERS = defineParameters('governance', {
  proposal_threshold: {
    type: 'amount',
    description: 'The voting power that it takes to propose.',
    first: '1000',
    bounds: { min: '1', max: '1000000' },
    governable: true,
  },
  voting_delay_hours: hours('Between the submission of a proposal and its voting', 24, { min: '1', max: '720' }),
  voting_period_hours: hours('How long one may vote', 168, { min: '24', max: '1440' }),
  late_quorum_extension_hours: hours('How late a quorum moves the end of voting, and by how much', 24, {
    min: '1',
    max: '24',
  }),
  timelock_hours: hours('Between the passing of a proposal and its execution', 48, { min: '1', max: '720' }),
  quorum_min: {
    type: 'amount',
    description: 'The voting power for a proposal or abstaining that it takes at least.',
    first: '20000',
    bounds: { min: '1', max: '10000000' },
    governable: true,
  },
  quorum_bps: bps('The same as a part of what circulates', 1_000, { min: '100', max: '5000' }),
  stake_vote_weight: {
    type: 'integer',
    description: 'How much more a staked token counts than one that is not.',
    first: 2,
    bounds: { min: '1', max: '10' },
    governable: true,
  },
  stake_vote_age_days: {
    type: 'integer',
    description: 'How old a stake must be when voting opens, to count.',
    first: 7,
    bounds: { min: '1', max: '365' },
    governable: true,
  },
  treasury_proposal_max_bps: bps('The largest part of the treasury that one proposal takes', 100, {
    min: '1',
    max: '1000',
  }),
  treasury_quarter_max_bps: bps('The largest part of the treasury that the proposals of a quarter take', 500, {
    min: '1',
    max: '2500',
  }),
})

/** The parameters as in force at `at`, and the asset that power is counted in: the one of the threshold. */
export async function termsAt(db: Db | Tx, at: Date): Promise<Terms> {
  const values = await parametersAt(db, GOVERNANCE_PARAMETERS, at)
  return { ...values, ...(await powerAsset(db, at)) }
}

export async function powerAsset(db: Db | Tx, at: Date): Promise<{ asset: string; scale: number }> {
  const { shape } = await parameterAt(db, 'proposal_threshold', at)
  assert(shape.type === 'amount', 'proposal_threshold is an amount.')
  return { asset: shape.asset, scale: shape.scale }
}

export type Terms = Awaited<ReturnType<typeof parametersAt<(typeof GOVERNANCE_PARAMETERS)['definitions']>>> & {
  asset: string
  scale: number
}

function hours(what: string, first: number, bounds: { min: string; max: string }) {
  return { type: 'integer', description: `${what}, in hours.`, first, bounds, governable: true } as const
}

function bps(what: string, first: number, bounds: { min: string; max: string }) {
  return { type: 'integer', description: `${what}, in basis points.`, first, bounds, governable: true } as const
}
