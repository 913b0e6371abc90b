import { z } from 'zod'

import { formatDecimal } from '../core/decimal.ts'
import { zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import type { ShownProposal, ShownVote } from './governance-queries.ts'
import {
  allowedTo,
  CHOICES,
  DEEDS,
  hasQuorum,
  PARTIES,
  STATUSES,
  transitionsFrom,
  VERBS,
  wins,
} from './governance-rules.ts'
import { tallyOf } from './proposal-row.ts'

export const zStatus = z.enum(STATUSES)
export const zChoice = z.enum(CHOICES)

const zPower = z.string().meta({ description: 'A decimal text, exact.', examples: ['25000'] })

/** The fields of the document under their own names, and what there is beside them. */
export const zProposal = z.object({
  id: z.uuid(),
  title: z.string(),
  description: z.string(),
  proposer_id: z.uuid(),
  proposer: z.string().meta({ description: 'The username.' }),
  proposal_type: z.string(),
  parameters: z.unknown().meta({ description: 'What it asks for, as its type reads it.' }),
  asset: z.string().meta({ description: 'What voting power is counted in.' }),
  status: zStatus,
  submitted_at: zTime.nullable(),
  voting_start: zTime.nullable().meta({ description: 'When voting opened, or is to open.' }),
  voting_end: zTime.nullable().meta({ description: 'The first moment after the voting.' }),
  extended_at: zTime.nullable().meta({ description: 'When a late quorum moved the end.' }),
  tree_size: z
    .string()
    .nullable()
    .meta({ description: 'Power is what this many leaves of the log say: fixed when voting opened.' }),
  circulating: zPower.nullable(),
  votes_for: zPower,
  votes_against: zPower,
  votes_abstain: zPower,
  total_voting_power: zPower.meta({ description: 'Of everybody who voted.' }),
  voters: z.int(),
  quorum_required: zPower.nullable().meta({ description: 'What for and abstain come to at least.' }),
  quorum_votes: zPower.meta({ description: 'What for and abstain come to.' }),
  quorum_reached: z.boolean(),
  passing: z.boolean().meta({ description: 'Whether it passes if nobody votes any more.' }),
  decided_at: zTime.nullable(),
  execute_at: zTime.nullable().meta({ description: 'Until then a guardian may stop what has passed.' }),
  executed_at: zTime.nullable(),
  execution_tx_hash: z.null().meta({ description: 'Of a chain; there is none yet.' }),
  entry_id: z.uuid().nullable().meta({ description: 'The entry of the ledger that paid it.' }),
  cancelled_by: z.string().nullable(),
  cancel_reason: z.string().nullable(),
  failure: z.string().nullable().meta({ description: 'Why it could not be carried out, or not yet: a code.' }),
  created_at: zTime,
  updated_at: zTime,
})

export function proposalView(row: ShownProposal, scale: number): z.output<typeof zProposal> {
  const tally = tallyOf(row)
  const quorum = row.quorum_required
  const power = (units: bigint) => formatDecimal(units, scale)
  const { tree_size, entry, entry_recorded_at } = row
  return {
    ...row,
    proposer_id: row.proposer,
    proposer: row.username,
    proposal_type: row.type,
    tree_size: tree_size === null ? null : `${tree_size}`,
    circulating: row.circulating === null ? null : power(row.circulating),
    votes_for: power(tally.for),
    votes_against: power(tally.against),
    votes_abstain: power(tally.abstain),
    total_voting_power: power(tally.for + tally.against + tally.abstain),
    quorum_required: quorum === null ? null : power(quorum),
    quorum_votes: power(tally.for + tally.abstain),
    quorum_reached: quorum !== null && hasQuorum(tally, quorum),
    passing: quorum !== null && wins(tally, quorum),
    execution_tx_hash: null,
    entry_id: entry === null || entry_recorded_at === null ? null : serialUuid(entry, entry_recorded_at),
  }
}

/** With what may become of it, for whoever shows it to somebody. */
export const zProposalInFull = zProposal.extend({
  transitions: z
    .array(
      z.object({
        to: zStatus,
        verb: z.enum(VERBS),
        by: z.array(z.enum(PARTIES)),
        at: zTime.nullable().meta({ description: 'When the clock does it, as it stands; null: when somebody does.' }),
        when: z.string().meta({ description: 'Under which condition.' }),
      }),
    )
    .meta({ description: 'What may become of it from here.' }),
  allowed: z.array(z.enum(DEEDS)).meta({ description: 'What whoever asks may do with it now.' }),
})

export function proposalInFull(row: ShownProposal, { scale, person, guardian, now }: SeenBy) {
  const { status, submitted_at, voting_start, voting_end } = row
  const parties = [
    ...(row.proposer === person ? (['proposer'] as const) : []),
    ...(guardian ? (['guardian'] as const) : []),
    ...(person === undefined ? [] : (['voter'] as const)),
  ]
  const votable = voting_start !== null && voting_start <= now && voting_end !== null && now < voting_end
  const transitions = transitionsFrom(status)
    .filter(({ due }) => due === null || row[due] !== null)
    .map(({ to, verb, by, due, when }) => ({ to, verb, by: [...by], at: due && row[due], when }))
  return {
    ...proposalView(row, scale),
    transitions,
    allowed: allowedTo({ status, submitted: submitted_at !== null, votable, parties }),
  }
}

interface SeenBy {
  scale: number
  person: string | undefined
  guardian: boolean
  now: Date
}

export const zVote = z.object({
  proposal_id: z.uuid(),
  title: z.string(),
  status: zStatus.meta({ description: 'Of the proposal.' }),
  voter_id: z.uuid(),
  voter: z.string().meta({ description: 'The username.' }),
  choice: zChoice,
  power: zPower,
  balance: zPower.meta({ description: 'In the wallet when voting opened.' }),
  staked: zPower.meta({ description: 'In stakes that were old enough when voting opened.' }),
  reason: z.string().nullable(),
  cast_at: zTime,
  changes: z.int().meta({ description: 'How often it was changed.' }),
})

export function voteView(row: ShownVote, scale: number): z.output<typeof zVote> {
  return {
    ...row,
    proposal_id: row.proposal,
    voter_id: row.voter,
    voter: row.username,
    power: formatDecimal(row.power, scale),
    balance: formatDecimal(row.balance, scale),
    staked: formatDecimal(row.staked, scale),
  }
}

export const zPowerAnswer = z.object({
  asset: z.string(),
  power: zPower.meta({ description: 'balance + stake_weight × staked.' }),
  balance: zPower.meta({ description: 'In the wallet, what is reserved there included.' }),
  staked: zPower.meta({ description: 'In stakes made by `staked_before`.' }),
  staked_too_young: zPower.meta({ description: 'In later stakes, which do not count yet.' }),
  stake_weight: z.int(),
  staked_before: zTime,
  tree_size: z.string().meta({ description: 'As this many leaves of the log say.' }),
  proposal_threshold: zPower
    .nullable()
    .meta({ description: 'What it takes to propose; null where a proposal is given.' }),
  may_propose: z.boolean().nullable().meta({ description: 'Whether the power reaches it.' }),
})
