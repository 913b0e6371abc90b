import type { Invariant } from '../ledger/invariants.ts'
import { REWARD_INVARIANTS } from './invariants-rewards.ts'
import { WORK_INVARIANTS } from './invariants-work.ts'

/** What must always hold between contributions, rewards and the books; `florin verify` checks it over every row. */
export const CONTRIBUTION_INVARIANTS: readonly Invariant[] = [...WORK_INVARIANTS, ...REWARD_INVARIANTS]
