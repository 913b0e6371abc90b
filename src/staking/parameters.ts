import type { Db, Tx } from '../core/db.ts'
import { defineParameters, type ParameterValues } from '../economy/define.ts'
import { parametersAt } from '../economy/parameters.ts'

/** What staking goes by; a stake keeps what was in force when it was made. */
export const STAKING_PARAMETERS = defineParameters('staking', {
  staking_tiers: {
    type: 'table',
    description: 'For how long tokens can be staked, what that earns in a year, and what it multiplies points by.',
    key: 'duration_days',
    columns: {
      duration_days: { type: 'integer', bounds: { min: '1', max: '3650' } },
      apy: { type: 'decimal', digits: 4, bounds: { min: '0', max: '1' } },
      multiplier: { type: 'decimal', digits: 6, bounds: { min: '1', max: '5' } },
    },
    bounds: { min: '0', max: '20' },
    first: [
      { duration_days: 30, apy: '0.05', multiplier: '1.1' },
      { duration_days: 90, apy: '0.12', multiplier: '1.3' },
      { duration_days: 180, apy: '0.25', multiplier: '1.6' },
      { duration_days: 365, apy: '0.5', multiplier: '2' },
    ],
    governable: true,
  },
  minimum_stake: {
    type: 'amount',
    description: 'The smallest stake.',
    first: '1',
    bounds: { min: '0.000001', max: '1000000' },
    governable: true,
  },
  early_unstake_delay_days: {
    type: 'integer',
    description: 'How many days after it was ended early a stake is paid back.',
    first: 7,
    bounds: { min: '0', max: '90' },
    governable: true,
    aliases: ['early_unstake_delay'],
  },
  early_unstake_penalty_bps: {
    type: 'integer',
    description: 'What ending a stake early costs of it, in basis points.',
    first: 0,
    bounds: { min: '0', max: '5000' },
    governable: true,
  },
})

/** The parameters as in force at `at`. */
export async function stakingTermsAt(db: Db | Tx, at: Date): Promise<StakingTerms> {
  return await parametersAt(db, STAKING_PARAMETERS, at)
}

export type StakingTerms = ParameterValues<(typeof STAKING_PARAMETERS)['definitions']>
