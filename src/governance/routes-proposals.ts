import { z } from 'zod'

import { personOf } from '../core/actor.ts'
import type { Db, Tx } from '../core/db.ts'
import { router, zCursor, zLimit, zProse, zText, zUuid } from '../core/http.ts'
import { keyset, zPage } from '../core/page.ts'
import { findProposal, listProposals } from './governance-queries.ts'
import { cancelProposal, propose, submitProposal } from './governance.ts'
import { powerAsset } from './parameters.ts'
import { proposalInFull, proposalView, zProposal, zProposalInFull, zStatus } from './proposal-view.ts'
import { governanceOf, type GovernanceScope } from './scope.ts'

const route = router<GovernanceScope>()

const newest = keyset('proposals', z.tuple([zUuid]))

/** Staff who may stop what members decide, until it is executed. */
const GUARDIANS: ReadonlySet<string> = new Set(['owner', 'operator'])

export const proposalRoutes = [
  route({
    method: 'get',
    path: '/proposals',
    may: 'proposals.read',
    summary: 'List proposals',
    description: 'With the result as it stands; the newest first.',
    query: {
      status: zStatus.optional(),
      type: zText(63).optional(),
      proposer: zText(100).optional(),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zProposal),
    handler: async ({ scope: { db }, query: { limit, cursor, ...filters }, now }) => {
      const [before] = newest.after(cursor, filters) ?? []
      const { scale } = await powerAsset(db, now)
      const rows = await listProposals(db, { ...filters, before, limit: limit + 1 })
      const view = (row: (typeof rows)[number]) => proposalView(row, scale)
      return newest.page(rows, { limit, filters, keyOf: ({ id }) => [id], view })
    },
  }),
  route({
    method: 'get',
    path: '/proposals/:id',
    may: 'proposals.read',
    summary: 'Get a proposal',
    description:
      'With the result as it stands, its quorum, what may become of it and when, and what whoever asks may do with it.',
    errors: ['proposal_not_found'],
    params: { id: zUuid },
    response: zProposalInFull,
    handler: async ({ scope: { db }, actor: { person, role }, params: { id }, now }) => {
      const { scale } = await powerAsset(db, now)
      return proposalInFull(await findProposal(db, id), { scale, person, guardian: GUARDIANS.has(role), now })
    },
  }),
  route({
    method: 'post',
    path: '/proposals',
    may: 'me.propose',
    idempotency: 'required',
    status: 201,
    summary: 'Write a proposal',
    description:
      'A draft, which its proposer may still cancel. It takes some voting power. `parameter_change` has the parameters `parameter_name` and `proposed_value`; `treasury_allocation` has `amount` and either `recipient`, a username, or `account`; `feature_request` may have a `url`.',
    errors: [
      'member_required',
      'module_off',
      'proposal_type_unknown',
      'power_below_threshold',
      'too_many_proposals',
      'proposal_parameters_invalid',
      'parameter_not_found',
      'parameter_not_governable',
      'parameter_invalid',
      'parameter_out_of_bounds',
      'amount_invalid',
      'amount_zero',
      'treasury_proposal_limit',
      'person_not_found',
      'same_account',
      'account_owned_by_module',
      'account_not_found',
    ],
    body: z.strictObject({
      title: zText(200),
      description: zProse(10_000),
      proposal_type: zText(63),
      parameters: z.record(z.string(), z.unknown()).optional(),
    }),
    response: zProposal,
    handler: async ({ scope, tx, actor, body: { proposal_type: type, parameters = {}, ...texts }, now }) => {
      const governance = governanceOf(scope)
      const by = { person: personOf(actor), actor: actor.id, now }
      const { chart } = scope
      return await shown(tx, await propose(tx, { ...texts, type, parameters, governance, chart, ...by }), now)
    },
  }),
  route({
    method: 'post',
    path: '/proposals/:id/submit',
    may: 'me.propose',
    idempotency: 'required',
    summary: 'Submit a proposal',
    description: 'Voting opens after the delay; until then the proposer may still cancel it.',
    errors: [
      'member_required',
      'module_off',
      'proposal_not_found',
      'not_the_proposer',
      'proposal_submitted',
      'power_below_threshold',
    ],
    params: { id: zUuid },
    response: zProposal,
    handler: async ({ scope, tx, actor, params: { id }, now }) => {
      await submitProposal(tx, { id, person: personOf(actor), governance: governanceOf(scope), actor: actor.id, now })
      return await shown(tx, id, now)
    },
  }),
  route({
    method: 'post',
    path: '/proposals/:id/cancel',
    may: 'proposals.cancel',
    idempotency: 'required',
    summary: 'Cancel a proposal',
    description:
      'For good: its proposer while it is a draft, an owner or operator until it is executed, with a reason. What was set aside for it goes back to the treasury.',
    errors: ['module_off', 'proposal_not_found', 'not_the_proposer', 'reason_invalid', 'proposal_status_refuses'],
    params: { id: zUuid },
    body: z.strictObject({ reason: zText(500).optional() }),
    response: zProposal,
    handler: async ({ scope, tx, actor, params: { id }, body: { reason }, now }) => {
      const by = { person: actor.person, guardian: GUARDIANS.has(actor.role), actor: actor.id }
      await cancelProposal(tx, { id, ...by, reason, governance: governanceOf(scope), now })
      return await shown(tx, id, now)
    },
  }),
]

async function shown(db: Db | Tx, id: string, now: Date) {
  const { scale } = await powerAsset(db, now)
  return proposalView(await findProposal(db, id), scale)
}
