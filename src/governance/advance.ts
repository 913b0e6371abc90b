import { must } from '../core/assert.ts'
import type { Tx } from '../core/db.ts'
import { type AppError, NotFound } from '../core/errors.ts'
import { formatAmount } from '../core/money.ts'
import type { Governance, PassedProposal, ProposalEffect } from '../economy/proposal-effects.ts'
import { afterHours, GRACE_HOURS, quorumOf, wins } from './governance-rules.ts'
import { termsAt } from './parameters.ts'
import { circulatingAt, sealedSize } from './power.ts'
import { changeStatus, lockProposal, type ProposalRow, tallyOf } from './proposal-row.ts'

/**
 * Does with a proposal what is due: opens it, decides it, or carries it out. Whoever comes second finds it done, since
 * the first has locked and changed its row. Fails as the effect does; then `giveUp` says what becomes of it.
 */
export async function advance(tx: Tx, { id, governance, now }: Advance): Promise<void> {
  const proposal = await lockProposal(tx, id)
  if (proposal.due_at === null || proposal.due_at > now) return
  if (proposal.status === 'draft') await open(tx, proposal, now)
  else if (proposal.status === 'active') await decide(tx, proposal, { governance, now })
  else await execute(tx, proposal, { governance, now })
}

/**
 * After a refusal of its effect: what could not be promised, or can never be done, expires; what only cannot be done now
 * is tried again, for 14 days.
 */
export async function giveUp(tx: Tx, { id, governance, refusal, now }: GiveUp): Promise<void> {
  const proposal = await lockProposal(tx, id)
  if (proposal.due_at === null || proposal.due_at > now) return
  const { execute_at } = proposal
  const failure = refusal.code
  if (execute_at && refusal.status === CONFLICT && now < afterHours(execute_at, GRACE_HOURS)) {
    const due_at = afterHours(now, TRY_AGAIN_HOURS)
    await tx.updateTable('governance.proposal').set({ due_at, failure, updated_at: now }).where('id', '=', id).execute()
    return
  }
  const decided = execute_at ? {} : { decided_at: now }
  await changeStatus(tx, proposal, {
    verb: 'expire',
    by: 'clock',
    actor: 'system',
    now,
    set: { failure, ...decided },
    why: { failure },
  })
  if (execute_at) await governance.effects[proposal.type]?.release?.(tx, passedOf(proposal, now))
}

export interface Advance {
  id: string
  governance: Governance
  now: Date
}

export interface GiveUp extends Advance {
  refusal: AppError
}

const CONFLICT = 409
const TRY_AGAIN_HOURS = 1

/** What voting goes by is fixed here: who has which power, what makes a quorum, when it ends. */
async function open(tx: Tx, proposal: ProposalRow, now: Date): Promise<void> {
  const { asset } = proposal
  const treeSize = await sealedSize(tx)
  if (treeSize === 0n) return
  const terms = await termsAt(tx, now)
  const circulating = await circulatingAt(tx, { asset, treeSize })
  const quorum = quorumOf({ circulating, minimum: terms.quorum_min, bps: terms.quorum_bps })
  const voting_end = afterHours(now, terms.voting_period_hours)
  await changeStatus(tx, proposal, {
    verb: 'open',
    by: 'clock',
    actor: 'system',
    now,
    set: {
      // A server that was down opens it late, and still gives it all of its time.
      voting_start: now,
      voting_end,
      due_at: voting_end,
      tree_size: treeSize,
      circulating,
      quorum_required: quorum,
      stake_weight: terms.stake_vote_weight,
      staked_before: afterHours(now, -24 * terms.stake_vote_age_days),
      extension_hours: terms.late_quorum_extension_hours,
      timelock_hours: terms.timelock_hours,
    },
    why: { tree_size: `${treeSize}`, quorum_required: formatAmount(quorum, terms.scale) },
  })
}

/** Moves, if it passes and promises something of the treasury: as its effect's `reserve`. */
async function decide(tx: Tx, proposal: ProposalRow, { governance, now }: Omit<Advance, 'id'>): Promise<void> {
  const tally = tallyOf(proposal)
  const won = wins(tally, must(proposal.quorum_required, 'What is active has a quorum.'))
  const execute_at = afterHours(now, must(proposal.timelock_hours, 'What is active has a timelock.'))
  const { scale } = await termsAt(tx, now)
  await changeStatus(tx, proposal, {
    verb: won ? 'pass' : 'reject',
    by: 'clock',
    actor: 'system',
    now,
    set: { decided_at: now, ...(won && { execute_at, due_at: execute_at }) },
    why: Object.fromEntries(Object.entries(tally).map(([choice, power]) => [choice, formatAmount(power, scale)])),
  })
  if (won) await effectOf(proposal, governance).reserve?.(tx, passedOf(proposal, now))
}

/** The state first, then what it does: whoever is second finds it executed. */
async function execute(tx: Tx, proposal: ProposalRow, { governance, now }: Omit<Advance, 'id'>): Promise<void> {
  const set = { executed_at: now, failure: null }
  await changeStatus(tx, proposal, { verb: 'execute', by: 'clock', actor: 'system', now, set })
  await effectOf(proposal, governance).execute(tx, passedOf(proposal, now))
}

function effectOf({ type }: ProposalRow, { effects }: Governance): ProposalEffect {
  const effect = effects[type]
  if (effect) return effect
  throw new NotFound('proposal_type_unknown', `Nothing here carries out a ${type}.`, { type })
}

function passedOf({ id, parameters }: ProposalRow, now: Date): PassedProposal {
  return { id, parameters, now }
}
