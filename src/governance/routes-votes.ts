import { z } from 'zod'

import { personOf } from '../core/actor.ts'
import { must } from '../core/assert.ts'
import { formatDecimal } from '../core/decimal.ts'
import { router, zCursor, zLimit, zProse, zTime, zUuid } from '../core/http.ts'
import { asMember } from '../core/member.ts'
import { keyset, zPage } from '../core/page.ts'
import { earlierVotes, findProposal, votesOf, votesOn } from './governance-queries.ts'
import { powerNow } from './governance.ts'
import { powerAsset } from './parameters.ts'
import { readProposal } from './proposal-row.ts'
import { voteView, zChoice, zPowerAnswer, zVote } from './proposal-view.ts'
import { governanceOf, type GovernanceScope } from './scope.ts'
import { castVote, powerOn } from './votes.ts'

const route = router<GovernanceScope>()

const latest = keyset('proposals.votes', z.tuple([zTime, zUuid]))
const mine = keyset('me.votes', z.tuple([zUuid]))

export const voteRoutes = [
  route({
    method: 'get',
    path: '/proposals/:id/votes',
    may: 'proposals.read',
    summary: 'List the votes on a proposal',
    description: 'Who voted what, with which weight and why; the latest first.',
    errors: ['proposal_not_found'],
    params: { id: zUuid },
    query: { choice: zChoice.optional(), limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zVote),
    handler: async ({ scope: { db }, params: { id }, query: { limit, cursor, choice }, now }) => {
      const filters = { id, choice }
      const after = latest.after(cursor, filters)
      const { scale } = await powerAsset(db, now)
      await findProposal(db, id)
      const rows = await votesOn(db, { proposal: id, choice, after, limit: limit + 1 })
      const view = (row: (typeof rows)[number]) => voteView(row, scale)
      return latest.page(rows, { limit, filters, keyOf: ({ cast_at, voter }) => [cast_at, voter], view })
    },
  }),
  route({
    method: 'post',
    path: '/proposals/:id/votes',
    may: 'me.vote',
    idempotency: 'required',
    summary: 'Vote',
    description:
      'One vote a person, which may change until voting ends. It weighs what you held when voting opened, wherever your tokens are now.',
    errors: [
      'member_required',
      'module_off',
      'proposal_not_found',
      'voting_not_open',
      'voting_closed',
      'no_voting_power',
    ],
    params: { id: zUuid },
    body: z.strictObject({ choice: zChoice, reason: zProse(1_000).optional() }),
    response: zVote,
    handler: async ({ scope, tx, actor, params: { id }, body: { choice, reason }, now }) => {
      const person = personOf(actor)
      await castVote(tx, { proposal: id, person, choice, reason, governance: governanceOf(scope), now })
      const { scale } = await powerAsset(tx, now)
      const [vote] = await votesOf(tx, { person, proposal: id, limit: 1 })
      return voteView(must(vote, 'The vote was cast.'), scale)
    },
  }),
  route({
    method: 'get',
    path: '/me/votes',
    may: 'me.read',
    summary: 'List my votes',
    description: 'Those on the newest proposals first; on one proposal, with what they were before they were changed.',
    errors: ['member_required'],
    query: { proposal: zUuid.optional(), limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zVote.extend({ earlier: z.array(zEarlierVote()).optional() })),
    handler: async ({ scope: { db }, actor, query: { limit, cursor, proposal }, now }) => {
      const person = personOf(actor)
      const filters = { proposal }
      const [before] = mine.after(cursor, filters) ?? []
      const { scale } = await powerAsset(db, now)
      const { rows, earlier } = await asMember(db, person, async (tx) => ({
        rows: await votesOf(tx, { person, proposal, before, limit: limit + 1 }),
        earlier: proposal === undefined ? {} : { earlier: await earlierVotes(tx, { proposal, person }) },
      }))
      const view = (row: (typeof rows)[number]) => ({ ...voteView(row, scale), ...earlier })
      return mine.page(rows, { limit, filters, keyOf: (row) => [row.proposal], view })
    },
  }),
  route({
    method: 'get',
    path: '/me/power',
    may: 'me.read',
    summary: 'Get my voting power',
    description: 'And how it is made up: on a proposal whose voting has opened, else by what is sealed now.',
    errors: ['member_required', 'module_off', 'proposal_not_found'],
    query: { proposal: zUuid.optional() },
    response: zPowerAnswer,
    handler: async ({ scope, actor, query, now }) => {
      const { db } = scope
      const asked = { person: personOf(actor), governance: governanceOf(scope) }
      const proposal = query.proposal === undefined ? undefined : await readProposal(db, query.proposal)
      const { asset, scale } = await powerAsset(db, now)
      const text = (units: bigint) => formatDecimal(units, scale)
      const view = ({ power, balance, staked, young }: Awaited<ReturnType<typeof powerOn>>) => ({
        asset,
        power: text(power),
        balance: text(balance),
        staked: text(staked),
        staked_too_young: text(young),
      })
      if (proposal && proposal.tree_size !== null) {
        return {
          ...view(await powerOn(db, { proposal, ...asked })),
          stake_weight: must(proposal.stake_weight, 'It has opened.'),
          staked_before: must(proposal.staked_before, 'It has opened.'),
          tree_size: `${proposal.tree_size}`,
          proposal_threshold: null,
          may_propose: null,
        }
      }
      const { terms, treeSize, stakedBefore, ...power } = await powerNow(db, { ...asked, now })
      return {
        ...view(power),
        stake_weight: terms.stake_vote_weight,
        staked_before: stakedBefore,
        tree_size: `${treeSize}`,
        proposal_threshold: text(terms.proposal_threshold),
        may_propose: power.power >= terms.proposal_threshold,
      }
    },
  }),
]

function zEarlierVote() {
  return z.object({ choice: zChoice, reason: z.string().nullable(), cast_at: zTime, replaced_at: zTime })
}
