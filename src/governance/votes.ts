import { must } from '../core/assert.ts'
import type { Db, Tx } from '../core/db.ts'
import { Conflict } from '../core/errors.ts'
import type { Governance } from '../economy/proposal-effects.ts'
import { type Choice, extendedEnd, hasQuorum, HOUR_MS, recount } from './governance-rules.ts'
import { type Power, powerAt } from './power.ts'
import { lockProposal, type ProposalRow, readProposal, tallyOf } from './proposal-row.ts'

/**
 * Votes, or changes a vote; what it was before is kept. It weighs what the person had at the proposal's tree size. A
 * vote that makes the quorum within the last hours moves the end, once. Moves nothing.
 * Fails, in this order: proposal_not_found, voting_not_open, voting_closed, no_voting_power.
 */
export async function castVote(
  tx: Tx,
  { proposal: id, person, choice, reason, governance, now }: CastVote,
): Promise<void> {
  // What it weighs is settled once, and before anybody waits for the proposal.
  const open = mustBeOpen(await readProposal(tx, id), now)
  const power =
    (await voteOf(tx, { proposal: id, person })) ?? (await powerOn(tx, { proposal: open, person, governance }))
  if (power.power === 0n) {
    throw new Conflict(
      'no_voting_power',
      'You held nothing that counts when voting opened, so your vote has no weight.',
      { proposal: id },
    )
  }
  const proposal = mustBeOpen(await lockProposal(tx, id), now)
  const counted = await replaceVote(tx, { proposal: id, person, choice, reason: reason ?? null, power, now })
  if (counted.before !== choice) await countVote(tx, proposal, { ...counted, after: choice, now })
}

export interface CastVote {
  proposal: string
  person: string
  choice: Choice
  reason: string | undefined
  governance: Governance
  now: Date
}

/** What the person's vote weighs on a proposal whose voting has opened. */
export async function powerOn(db: Db | Tx, { proposal, person, governance }: PowerOn): Promise<Power> {
  const { asset } = proposal
  const treeSize = must(proposal.tree_size, 'What has opened has a tree size.')
  const weight = must(proposal.stake_weight, 'What has opened has a weight.')
  const stakedBefore = must(proposal.staked_before, 'What has opened says which stakes count.')
  const at = must(proposal.voting_start, 'What has opened says when.')
  return await powerAt(db, { person, asset, treeSize, weight, at, stakedBefore, stakedAsOf: governance.stakedAsOf })
}

export interface PowerOn {
  proposal: ProposalRow
  person: string
  governance: Governance
}

/** The end itself belongs to the time after. */
function mustBeOpen(proposal: ProposalRow, now: Date): ProposalRow {
  const { id, status, voting_start, voting_end } = proposal
  if (status === 'draft') {
    const opens = voting_start ? `opens at ${voting_start.toISOString()}` : 'has not been asked for'
    throw new Conflict('voting_not_open', `Voting on this proposal ${opens}.`, { proposal: id })
  }
  if (status === 'active' && voting_end !== null && now < voting_end) return proposal
  const end = voting_end?.toISOString() ?? null
  throw new Conflict('voting_closed', `Voting on this proposal is over; it is ${status}.`, { status, voting_end: end })
}

/** Under the proposal's lock. Gives the choice that was replaced, and what the vote weighs. */
async function replaceVote(
  tx: Tx,
  { proposal, person, choice, reason, power: { power, balance, staked }, now }: NewVote,
): Promise<{ before: Choice | undefined; power: bigint }> {
  const mine = await voteOf(tx, { proposal, person })
  if (!mine) {
    const vote = { proposal, voter: person, choice, power, balance, staked, reason, cast_at: now }
    await tx.insertInto('governance.vote').values(vote).execute()
    return { before: undefined, power }
  }
  const before = mine.choice as Choice
  if (before === choice && mine.reason === reason) return { before, power: mine.power }
  const changes = mine.changes + 1
  const { cast_at } = mine
  const replaced = { proposal, voter: person, no: changes, choice: before, reason: mine.reason, cast_at }
  await tx
    .insertInto('governance.vote_change')
    .values({ ...replaced, replaced_at: now })
    .execute()
  await tx
    .updateTable('governance.vote')
    .set({ choice, reason, cast_at: now, changes })
    .where('proposal', '=', proposal)
    .where('voter', '=', person)
    .execute()
  return { before, power: mine.power }
}

async function voteOf(tx: Tx, { proposal, person }: { proposal: string; person: string }) {
  return await tx
    .selectFrom('governance.vote')
    .selectAll()
    .where('proposal', '=', proposal)
    .where('voter', '=', person)
    .executeTakeFirst()
}

async function countVote(
  tx: Tx,
  proposal: ProposalRow,
  { power, before, after, now }: { power: bigint; before: Choice | undefined; after: Choice; now: Date },
): Promise<void> {
  const quorum = must(proposal.quorum_required, 'What is active has a quorum.')
  const tally = tallyOf(proposal)
  const counted = recount(tally, { power, before, after })
  const end = extendedEnd({
    had: hasQuorum(tally, quorum),
    has: hasQuorum(counted, quorum),
    now,
    end: must(proposal.voting_end, 'What is active has an end.'),
    extension_ms: must(proposal.extension_hours, 'What is active says how late is late.') * HOUR_MS,
    extended: proposal.extended_at !== null,
  })
  await tx
    .updateTable('governance.proposal')
    .set({
      votes_for: counted.for,
      votes_against: counted.against,
      votes_abstain: counted.abstain,
      voters: proposal.voters + (before === undefined ? 1 : 0),
      updated_at: now,
      ...(end && { voting_end: end, due_at: end, extended_at: now }),
    })
    .where('id', '=', proposal.id)
    .execute()
}

interface NewVote {
  proposal: string
  person: string
  choice: Choice
  reason: string | null
  power: Pick<Power, 'power' | 'balance' | 'staked'>
  now: Date
}
