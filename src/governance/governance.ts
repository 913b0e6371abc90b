import { sql } from 'kysely'

import { record } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import { Conflict, Forbidden, Invalid } from '../core/errors.ts'
import { newUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import type { Governance } from '../economy/proposal-effects.ts'
import type { Chart, ChartRule, KindOwners } from '../ledger/chart.ts'
import { afterHours, type Party } from './governance-rules.ts'
import { termsAt } from './parameters.ts'
import { type Power, powerAt, sealedSize } from './power.ts'
import { changeStatus, lockProposal, type ProposalRow, subjectOf } from './proposal-row.ts'
import { ALLOCATED_ACCOUNT } from './treasury-allocation.ts'

/*
 * Governance: members propose, vote with what they hold, and what has passed is carried out. propose, submitProposal and
 * cancelProposal are done by people, castVote by voters; what falls due (opening, deciding, executing) the clock does in
 * advance.ts. What a proposal may do is an effect out of a table (src/economy/proposal-effects.ts).
 */
export { PROPOSAL_EFFECTS } from './effects.ts'
export { GOVERNANCE_PARAMETERS } from './parameters.ts'

/**
 * Writes a draft. Its effect reads what is asked for and refuses what could not be carried out; nothing moves.
 * Fails, in this order: proposal_type_unknown, power_below_threshold, too_many_proposals, then as the effect.
 */
export async function propose(
  tx: Tx,
  { type, title, description, parameters, person, governance, chart, actor, now }: Propose,
): Promise<string> {
  const effect = Object.hasOwn(governance.effects, type) ? governance.effects[type] : undefined
  if (!effect) {
    const known = Object.keys(governance.effects)
    throw new Invalid('proposal_type_unknown', `A proposal is one of ${known.join(', ')}.`, { type, known })
  }
  const { asset } = await mustReachThreshold(tx, { person, governance, now })
  await refuseTooMany(tx, person)
  const kept = await effect.check(tx, { parameters, chart, now })
  const id = newUuid(now)
  await tx
    .insertInto('governance.proposal')
    .values({
      id,
      title,
      description,
      proposer: person,
      type,
      parameters: JSON.stringify(kept),
      asset,
      created_at: now,
      updated_at: now,
    })
    .execute()
  const diff = { after: { type, title, parameters: kept } }
  await record(tx, { at: now, actor, action: 'proposal.create', subject: subjectOf(id), diff })
  return id
}

/**
 * Puts a draft before the members: voting opens after the delay, and until then the proposer may still take it back.
 * Fails, in this order: proposal_not_found, not_the_proposer, proposal_submitted, power_below_threshold.
 */
export async function submitProposal(tx: Tx, { id, person, governance, actor, now }: SubmitProposal): Promise<void> {
  const proposal = await lockProposal(tx, id)
  if (proposal.proposer !== person) throw notTheProposer()
  if (proposal.status !== 'draft' || proposal.submitted_at !== null) {
    throw new Conflict('proposal_submitted', 'The proposal was submitted or cancelled before.', {
      status: proposal.status,
    })
  }
  const { voting_delay_hours } = await mustReachThreshold(tx, { person, governance, now })
  const voting_start = afterHours(now, voting_delay_hours)
  await tx
    .updateTable('governance.proposal')
    .set({ submitted_at: now, voting_start, due_at: voting_start, updated_at: now })
    .where('id', '=', id)
    .execute()
  const diff = { after: { voting_start: voting_start.toISOString() } }
  await record(tx, { at: now, actor, action: 'proposal.submit', subject: subjectOf(id), diff })
}

/**
 * Ends a proposal for good: its proposer while it is a draft, a guardian until it is executed. What was set aside for it
 * goes back. Moves: treasury:allocated -> treasury:main, kind `treasury_release`, if it was promised something.
 * Fails, in this order: proposal_not_found, not_the_proposer, reason_invalid, proposal_status_refuses.
 */
export async function cancelProposal(
  tx: Tx,
  { id, person, guardian, reason, governance, actor, now }: CancelProposal,
): Promise<void> {
  const proposal = await lockProposal(tx, id)
  const by: Party = proposal.proposer === person && proposal.status === 'draft' ? 'proposer' : 'guardian'
  if (by === 'guardian' && !guardian) {
    if (proposal.proposer !== person) throw notTheProposer()
    changeRefused(proposal)
  }
  if (by === 'guardian' && reason === undefined) {
    throw new Invalid('reason_invalid', 'A guardian who cancels a proposal says why.')
  }
  const set = { cancelled_by: actor, ...(reason !== undefined && { cancel_reason: reason }) }
  await changeStatus(tx, proposal, { verb: 'cancel', by, actor, now, set, why: { by, reason: reason ?? null } })
  if (proposal.status === 'passed') {
    await governance.effects[proposal.type]?.release?.(tx, { id, parameters: proposal.parameters, now })
  }
}

/** What the person's vote would weigh by what is sealed now. */
export async function powerNow(db: Db | Tx, { person, governance, now }: PowerNow): Promise<PowerNowAnswer> {
  const terms = await termsAt(db, now)
  const { asset, stake_vote_weight: weight, stake_vote_age_days } = terms
  const treeSize = await sealedSize(db)
  const stakedBefore = afterHours(now, -24 * stake_vote_age_days)
  const { stakedAsOf } = governance
  const asked = { person, asset, treeSize, weight, at: now, stakedBefore, stakedAsOf }
  const power = treeSize === 0n ? NO_POWER : await powerAt(db, asked)
  return { ...power, terms, treeSize, stakedBefore }
}

/** What proposals were promised waits there, out of reach of any hand. */
export const GOVERNANCE_CHART: readonly ChartRule[] = [
  { pattern: ALLOCATED_ACCOUNT, owner: 'governance', holds: 'what passed proposals were promised, until it is paid' },
]

export const GOVERNANCE_KINDS: KindOwners = {
  treasury_reservation: 'governance',
  treasury_allocation: 'governance',
  treasury_release: 'governance',
}

export interface Propose {
  type: string
  title: string
  description: string
  /** What the effect of the type reads. */
  parameters: unknown
  person: string
  governance: Governance
  chart: Chart
  actor: string
  now: Date
}

export interface SubmitProposal {
  id: string
  person: string
  governance: Governance
  actor: string
  now: Date
}

export interface CancelProposal {
  id: string
  /** Who asks, if they are somebody. */
  person: string | undefined
  /** Whether they are staff who may stop what members decide. */
  guardian: boolean
  reason: string | undefined
  governance: Governance
  actor: string
  now: Date
}

export interface PowerNow {
  person: string
  governance: Governance
  now: Date
}

export interface PowerNowAnswer extends Power {
  terms: Awaited<ReturnType<typeof termsAt>>
  treeSize: bigint
  stakedBefore: Date
}

/** Drafts and active proposals of one person. */
export const LIVE_PROPOSALS_MAX = 10
const NO_POWER: Power = { balance: 0n, staked: 0n, young: 0n, power: 0n }

async function mustReachThreshold(tx: Tx, asked: PowerNow): Promise<PowerNowAnswer['terms']> {
  const { terms, power } = await powerNow(tx, asked)
  const { asset, scale, proposal_threshold } = terms
  if (power >= proposal_threshold) return terms
  const [has, needs] = [power, proposal_threshold].map((amount) => formatAmount(amount, scale))
  throw new Conflict(
    'power_below_threshold',
    `A proposal takes a voting power of ${needs} ${asset}, and you have ${has}.`,
    { power: has!, needed: needs!, asset },
  )
}

/** One draft of a person is counted after the other. */
async function refuseTooMany(tx: Tx, person: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`governance.proposer ${person}`}, 0))`.execute(tx)
  const { live } = await tx
    .selectFrom('governance.proposal')
    .select((eb) => eb.fn.countAll<bigint>().as('live'))
    .where('proposer', '=', person)
    .where('status', 'in', ['draft', 'active'])
    .executeTakeFirstOrThrow()
  if (live < BigInt(LIVE_PROPOSALS_MAX)) return
  throw new Conflict(
    'too_many_proposals',
    `You have ${live} drafts and running votes. Cancel a draft, or wait until a vote has ended.`,
    { live: `${live}`, max: LIVE_PROPOSALS_MAX },
  )
}

function notTheProposer(): Error {
  return new Forbidden('not_the_proposer', 'Only its proposer, or staff who guard the economy, may do this.')
}

function changeRefused({ status }: ProposalRow): never {
  throw new Conflict('proposal_status_refuses', `The proposal is ${status}. Its proposer may cancel a draft.`, {
    status,
    allowed: ['draft'],
  })
}
