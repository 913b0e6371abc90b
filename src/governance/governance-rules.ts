import { assert } from '../core/assert.ts'
import { Conflict } from '../core/errors.ts'
import { mulDiv } from '../core/money.ts'

/*
 * The arithmetic of votes and the states of a proposal. Power is in minor units of the asset that it is counted in.
 */

export const STATUSES = ['draft', 'active', 'passed', 'rejected', 'executed', 'cancelled', 'expired'] as const
export type Status = (typeof STATUSES)[number]

export const CHOICES = ['for', 'against', 'abstain'] as const
export type Choice = (typeof CHOICES)[number]

/** What may become of a proposal, by whom, and when. What is not here cannot happen. */
export const TRANSITIONS: readonly Transition[] = [
  { from: 'draft', to: 'active', verb: 'open', by: ['clock'], due: 'voting_start', when: 'it was submitted' },
  { from: 'draft', to: 'cancelled', verb: 'cancel', by: ['proposer', 'guardian'], due: null, when: 'at any time' },
  { from: 'active', to: 'passed', verb: 'pass', by: ['clock'], due: 'voting_end', when: 'it won' },
  { from: 'active', to: 'rejected', verb: 'reject', by: ['clock'], due: 'voting_end', when: 'it did not win' },
  {
    from: 'active',
    to: 'expired',
    verb: 'expire',
    by: ['clock'],
    due: 'voting_end',
    when: 'it won, but what it promises cannot be set aside',
  },
  { from: 'active', to: 'cancelled', verb: 'cancel', by: ['guardian'], due: null, when: 'at any time' },
  { from: 'passed', to: 'executed', verb: 'execute', by: ['clock'], due: 'execute_at', when: 'it can be carried out' },
  {
    from: 'passed',
    to: 'expired',
    verb: 'expire',
    by: ['clock'],
    due: 'execute_at',
    when: 'it can never be carried out, or could not for 14 days',
  },
  { from: 'passed', to: 'cancelled', verb: 'cancel', by: ['guardian'], due: null, when: 'at any time' },
]

export interface Transition {
  from: Status
  to: Status
  verb: (typeof VERBS)[number]
  by: readonly Party[]
  /** The time that the clock waits for. */
  due: 'voting_start' | 'voting_end' | 'execute_at' | null
  /** Under which condition. */
  when: string
}

export const VERBS = ['open', 'cancel', 'pass', 'reject', 'expire', 'execute'] as const

export const PARTIES = ['clock', 'proposer', 'guardian'] as const
export type Party = (typeof PARTIES)[number]

/** What this verb makes of a proposal. Fails: proposal_status_refuses. */
export function transition(from: Status, verb: Transition['verb'], by: Party): Status {
  const found = TRANSITIONS.find((row) => row.from === from && row.verb === verb && row.by.includes(by))
  if (found) return found.to
  const allowed = TRANSITIONS.filter((row) => row.verb === verb && row.by.includes(by)).map((row) => row.from)
  throw new Conflict(
    'proposal_status_refuses',
    `The proposal is ${from}. The ${by} may ${verb} one that is ${allowed.join(', ') || 'nothing'}.`,
    { status: from, allowed },
  )
}

/** What may become of a proposal in this state. */
export function transitionsFrom(status: Status): readonly Transition[] {
  return TRANSITIONS.filter(({ from }) => from === status)
}

/** What somebody may do with a proposal now. Power is another question, which is asked when it is done. */
export function allowedTo({ status, submitted, votable, parties }: AskedOf): Deed[] {
  const cancels = transitionsFrom(status).some(
    ({ verb, by }) => verb === 'cancel' && by.some((party) => parties.includes(party)),
  )
  const deeds: Record<Deed, boolean> = {
    submit: status === 'draft' && !submitted && parties.includes('proposer'),
    vote: status === 'active' && votable && parties.includes('voter'),
    cancel: cancels,
  }
  return DEEDS.filter((deed) => deeds[deed])
}

export const DEEDS = ['submit', 'vote', 'cancel'] as const
export type Deed = (typeof DEEDS)[number]

export interface AskedOf {
  status: Status
  submitted: boolean
  /** Whether voting has begun and not ended. */
  votable: boolean
  /** As what somebody asks. */
  parties: readonly (Party | 'voter')[]
}

/** Balance and `weight` times what was staked early enough. */
export function votingPower({ balance, staked, weight }: { balance: bigint; staked: bigint; weight: number }): bigint {
  return balance + BigInt(weight) * staked
}

/** The greater of a fixed minimum and a part of what circulates; rounded up, against the proposal. */
export function quorumOf({ circulating, minimum, bps }: QuorumTerms): bigint {
  assert(minimum > 0n, 'A quorum is more than nothing.')
  const part = circulating > 0n ? mulDiv(circulating, BigInt(bps), BPS, 'up') : 0n
  return part > minimum ? part : minimum
}

export interface QuorumTerms {
  /** What was issued, less what treasuries and pools hold. */
  circulating: bigint
  minimum: bigint
  bps: number
}

/** What counts towards the quorum: who is against needs not stay away. */
export function hasQuorum({ for: yes, abstain }: Tally, quorum: bigint): boolean {
  return yes + abstain >= quorum
}

/** A quorum, somebody for it, and strictly more for it than against it. */
export function wins(tally: Tally, quorum: bigint): boolean {
  return hasQuorum(tally, quorum) && tally.for > 0n && tally.for > tally.against
}

export type Tally = Readonly<Record<Choice, bigint>>

/** The tally after a vote of `power` that was `before`, or is new. */
export function recount(tally: Tally, { power, before, after }: CountedVote): Tally {
  const counted = { ...tally }
  if (before !== undefined) counted[before] -= power
  counted[after] += power
  assert(
    CHOICES.every((choice) => counted[choice] >= 0n),
    'No side of a tally is below nothing.',
  )
  return counted
}

export interface CountedVote {
  power: bigint
  before: Choice | undefined
  after: Choice
}

/**
 * The new end of voting where a vote makes the quorum so late that nobody could answer it: within the last `extension`
 * the end moves by that much, once. Undefined: the end stays.
 */
export function extendedEnd({ had, has, now, end, extension_ms, extended }: LateQuorum): Date | undefined {
  if (had || !has || extended) return undefined
  if (end.getTime() - now.getTime() > extension_ms) return undefined
  return new Date(end.getTime() + extension_ms)
}

export interface LateQuorum {
  /** Whether there was a quorum before the vote, and is one with it. */
  had: boolean
  has: boolean
  now: Date
  end: Date
  extension_ms: number
  extended: boolean
}

/**
 * What proposals may take from the treasury: each so much, and all of a quarter so much, of what it held with what the
 * quarter's proposals took from it; rounded down.
 */
export function treasuryLimits({ balance, taken, proposal_bps, quarter_bps }: TreasuryTerms): TreasuryLimits {
  const base = balance + taken
  return {
    proposal: mulDiv(base, BigInt(proposal_bps), BPS, 'down'),
    quarter: mulDiv(base, BigInt(quarter_bps), BPS, 'down'),
  }
}

export interface TreasuryTerms {
  balance: bigint
  /** By proposals of this quarter. */
  taken: bigint
  proposal_bps: number
  quarter_bps: number
}

export interface TreasuryLimits {
  proposal: bigint
  quarter: bigint
}

/** The first day of the UTC quarter that holds `time`, as 2026-01-01. */
export function quarterOf(time: Date): string {
  const month = time.getUTCMonth() - (time.getUTCMonth() % 3)
  return new Date(Date.UTC(time.getUTCFullYear(), month, 1)).toISOString().slice(0, DATE_LENGTH)
}

export function afterHours(time: Date, hours: number): Date {
  return new Date(time.getTime() + hours * HOUR_MS)
}

export const HOUR_MS = 3_600_000
/** How long a passed proposal is tried that cannot be carried out yet, as while an account is frozen. */
export const GRACE_HOURS = 14 * 24

const BPS = 10_000n
const DATE_LENGTH = '2026-01-01'.length
