import { sql } from 'kysely'

import type { Db, Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import type { Choice, Status } from './governance-rules.ts'
import type { ProposalRow } from './proposal-row.ts'

/** Proposals that the clock has something to do with, what has waited longest first. */
export async function dueProposals(db: Db, { now, limit }: { now: Date; limit: number }): Promise<string[]> {
  const rows = await db
    .selectFrom('governance.proposal')
    .select('id')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** The newest first, a page at a time. */
export async function listProposals(
  db: Db | Tx,
  { status, type, proposer, before, limit }: ListProposals,
): Promise<ShownProposal[]> {
  let query = shownProposals(db).orderBy('proposal.id', 'desc').limit(limit)
  if (status !== undefined) query = query.where('proposal.status', '=', status)
  if (type !== undefined) query = query.where('proposal.type', '=', type)
  if (proposer !== undefined) query = query.where('person.username', '=', proposer)
  if (before !== undefined) query = query.where('proposal.id', '<', before)
  return await query.execute()
}

/** Fails: proposal_not_found. */
export async function findProposal(db: Db | Tx, id: string): Promise<ShownProposal> {
  const found = await shownProposals(db).where('proposal.id', '=', id).executeTakeFirst()
  if (found) return found
  throw new NotFound('proposal_not_found', `There is no proposal ${id}.`, { proposal: id })
}

/** Votes on a proposal, the latest first. */
export async function votesOn(db: Db | Tx, { proposal, choice, after, limit }: VotesOn): Promise<ShownVote[]> {
  let query = shownVotes(db)
    .where('vote.proposal', '=', proposal)
    .orderBy('vote.cast_at', 'desc')
    .orderBy('vote.voter', 'desc')
    .limit(limit)
  if (choice !== undefined) query = query.where('vote.choice', '=', choice)
  if (after)
    query = query.where(sql<boolean>`(vote.cast_at, vote.voter) < (${after[0]}::timestamptz, ${after[1]}::uuid)`)
  return await query.execute()
}

/** Votes of a person, those on the newest proposals first. */
export async function votesOf(db: Db | Tx, { person, proposal, before, limit }: VotesOf): Promise<ShownVote[]> {
  let query = shownVotes(db).where('vote.voter', '=', person).orderBy('vote.proposal', 'desc').limit(limit)
  if (proposal !== undefined) query = query.where('vote.proposal', '=', proposal)
  if (before !== undefined) query = query.where('vote.proposal', '<', before)
  return await query.execute()
}

/** What a person's vote on a proposal was before it was changed, in order. */
export async function earlierVotes(db: Db | Tx, { proposal, person }: { proposal: string; person: string }) {
  return await db
    .selectFrom('governance.vote_change')
    .select(['choice', 'reason', 'cast_at', 'replaced_at'])
    .$castTo<{ choice: Choice; reason: string | null; cast_at: Date; replaced_at: Date }>()
    .where('proposal', '=', proposal)
    .where('voter', '=', person)
    .orderBy('no')
    .execute()
}

export interface ShownProposal extends ProposalRow {
  username: string
  /** Of a treasury allocation that was paid: its entry. */
  entry: bigint | null
  entry_recorded_at: Date | null
}

export interface ShownVote {
  proposal: string
  title: string
  status: Status
  voter: string
  username: string
  choice: Choice
  power: bigint
  balance: bigint
  staked: bigint
  reason: string | null
  cast_at: Date
  changes: number
}

export interface ListProposals {
  status?: Status | undefined
  type?: string | undefined
  /** A username. */
  proposer?: string | undefined
  before?: string | undefined
  limit: number
}

interface VotesOn {
  proposal: string
  choice?: Choice | undefined
  after?: readonly [Date, string] | undefined
  limit: number
}

interface VotesOf {
  person: string
  proposal?: string | undefined
  before?: string | undefined
  limit: number
}

function shownProposals(db: Db | Tx) {
  return db
    .selectFrom('governance.proposal as proposal')
    .innerJoin('identity.person as person', 'person.id', 'proposal.proposer')
    .leftJoin('governance.allocation as allocation', (join) =>
      join.onRef('allocation.proposal', '=', 'proposal.id').on('allocation.paid_at', 'is not', null),
    )
    .leftJoin('ledger.entry as entry', (join) =>
      join.on(sql<boolean>`entry.reference = allocation.proposal::text`).on('entry.kind', '=', 'treasury_allocation'),
    )
    .selectAll('proposal')
    .select(['person.username', 'entry.id as entry', 'entry.recorded_at as entry_recorded_at'])
    .$castTo<ShownProposal>()
}

function shownVotes(db: Db | Tx) {
  return db
    .selectFrom('governance.vote as vote')
    .innerJoin('governance.proposal as proposal', 'proposal.id', 'vote.proposal')
    .innerJoin('identity.person as person', 'person.id', 'vote.voter')
    .select(['vote.proposal', 'proposal.title', 'proposal.status', 'vote.voter', 'person.username', 'vote.choice'])
    .select(['vote.power', 'vote.balance', 'vote.staked', 'vote.reason', 'vote.cast_at', 'vote.changes'])
    .$castTo<ShownVote>()
}
