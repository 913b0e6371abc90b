import type { Selectable, Updateable } from 'kysely'

import { record } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import type { GovernanceProposal } from '../core/schema.gen.ts'
import type { EffectParameters } from '../economy/proposal-effects.ts'
import { type Party, type Status, type Tally, transition, type Transition } from './governance-rules.ts'

export interface ProposalRow extends Omit<Selectable<GovernanceProposal>, 'status' | 'parameters'> {
  status: Status
  parameters: EffectParameters
}

/** Fails: proposal_not_found. */
export async function readProposal(db: Db | Tx, id: string): Promise<ProposalRow> {
  return mustExist(await proposals(db).where('id', '=', id).executeTakeFirst(), id)
}

/** Who changes a proposal or votes on it waits here for whoever is at it. Fails: proposal_not_found. */
export async function lockProposal(tx: Tx, id: string): Promise<ProposalRow> {
  return mustExist(await proposals(tx).where('id', '=', id).forNoKeyUpdate().executeTakeFirst(), id)
}

/** Changes the state of a locked proposal, if the table allows it, and writes it down. Fails: proposal_status_refuses. */
export async function changeStatus(tx: Tx, proposal: ProposalRow, change: StatusChange): Promise<Status> {
  const { verb, by, actor, now, set, why } = change
  const status = transition(proposal.status, verb, by)
  await tx
    .updateTable('governance.proposal')
    .set({ due_at: null, ...set, status, updated_at: now })
    .where('id', '=', proposal.id)
    .execute()
  const diff = { before: { status: proposal.status }, after: { status, ...why } }
  await record(tx, { at: now, actor, action: `proposal.${verb}`, subject: subjectOf(proposal.id), diff })
  return status
}

export interface StatusChange {
  verb: Transition['verb']
  by: Party
  actor: string
  now: Date
  set?: Updateable<GovernanceProposal>
  /** What the audit trail says beside the states. */
  why?: Record<string, string | null>
}

export function tallyOf({ votes_for, votes_against, votes_abstain }: ProposalRow): Tally {
  return { for: votes_for, against: votes_against, abstain: votes_abstain }
}

export function subjectOf(id: string): string {
  return `proposal:${id}`
}

export function proposals(db: Db | Tx) {
  return db.selectFrom('governance.proposal').selectAll().$castTo<ProposalRow>()
}

function mustExist(row: ProposalRow | undefined, id: string): ProposalRow {
  if (row) return row
  throw new NotFound('proposal_not_found', `There is no proposal ${id}.`, { proposal: id })
}
