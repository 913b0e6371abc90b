import { sql } from 'kysely'
import { z } from 'zod'

import { assert } from '../core/assert.ts'
import type { Tx } from '../core/db.ts'
import { Conflict, Invalid } from '../core/errors.ts'
import { zAccountPath, zAmount, zText } from '../core/http.ts'
import { formatAmount, parseAmount } from '../core/money.ts'
import type { AskedEffect, EffectParameters, PassedProposal, ProposalEffect } from '../economy/proposal-effects.ts'
import { findPerson } from '../identity/identity.ts'
import { ensureAccounts, findAccount } from '../ledger/accounts.ts'
import { availableAccount } from '../ledger/chart.ts'
import { post } from '../ledger/post.ts'
import { readParameters } from './effect-parameters.ts'
import { quarterOf, type TreasuryLimits, treasuryLimits } from './governance-rules.ts'
import { termsAt } from './parameters.ts'

/**
 * Pays from the treasury to a person's wallet or to an account that no module owns, within so much a proposal and so
 * much a quarter. What passes is set aside at once, where nobody's hand reaches it, and paid after the timelock.
 */
export const TREASURY_ALLOCATION: ProposalEffect = {
  description: 'Pays `amount` from treasury:main to `recipient`, a username, or to `account`.',

  async check(tx: Tx, { parameters, chart, now }: AskedEffect): Promise<EffectParameters> {
    const asked = readParameters(zAsked, parameters)
    const { asset, scale } = await termsAt(tx, now)
    const amount = parseAmount(asked.amount, scale)
    if (amount === 0n) throw new Invalid('amount_zero', 'An allocation is more than nothing.')
    const { limits } = await limitsAt(tx, now)
    refuseAbove('treasury_proposal_limit', 'One proposal', { amount, limit: limits.proposal, asset, scale })
    const kept = { amount: formatAmount(amount, scale), asset }
    if (asked.recipient !== undefined) {
      const { id, username } = await findPerson(tx, { username: asked.recipient })
      return { ...kept, recipient: username, recipient_id: id, account: availableAccount(id) }
    }
    const account = asked.account ?? ''
    if (account === TREASURY_ACCOUNT) throw new Invalid('same_account', 'The treasury pays somebody else.')
    chart.refuseModuleAccount(account)
    await findAccount(tx, account, asset)
    return { ...kept, recipient: null, recipient_id: null, account }
  },

  /**
   * Moves: treasury:main -> treasury:allocated, kind `treasury_reservation`.
   * Fails, in this order: treasury_proposal_limit, treasury_quarter_limit, then as `post`.
   */
  async reserve(tx: Tx, { id, parameters, now }: PassedProposal): Promise<void> {
    const { asset, scale, amount, account } = await allocationOf(tx, parameters, now)
    await oneAtATime(tx)
    const { limits, taken, quarter } = await limitsAt(tx, now)
    refuseAbove('treasury_proposal_limit', 'One proposal', { amount, limit: limits.proposal, asset, scale })
    const sum = taken + amount
    refuseAbove('treasury_quarter_limit', 'A quarter’s proposals', { amount: sum, limit: limits.quarter, asset, scale })
    await tx
      .insertInto('governance.allocation')
      .values({ proposal: id, account, asset, amount, quarter, quarter_limit: limits.quarter, reserved_at: now })
      .execute()
    await ensureAccounts(tx, { asset, accounts: [{ path: ALLOCATED_ACCOUNT }], now })
    await move(tx, {
      kind: 'treasury_reservation',
      from: TREASURY_ACCOUNT,
      to: ALLOCATED_ACCOUNT,
      asset,
      amount,
      id,
      now,
    })
  },

  /** Moves: treasury:allocated -> the recipient, kind `treasury_allocation`. Fails: as `post`. */
  async execute(tx: Tx, { id, now }: PassedProposal): Promise<void> {
    const { account, asset, amount } = await endAllocation(tx, id, { paid_at: now })
    const owner = PERSONS_WALLET.exec(account)?.[1]
    if (owner !== undefined) await ensureAccounts(tx, { asset, accounts: [{ path: account, owner }], now })
    await move(tx, { kind: 'treasury_allocation', from: ALLOCATED_ACCOUNT, to: account, asset, amount, id, now })
  },

  /** Moves: treasury:allocated -> treasury:main, kind `treasury_release`. Fails: as `post`. */
  async release(tx: Tx, { id, now }: PassedProposal): Promise<void> {
    const { asset, amount } = await endAllocation(tx, id, { released_at: now })
    await move(tx, { kind: 'treasury_release', from: ALLOCATED_ACCOUNT, to: TREASURY_ACCOUNT, asset, amount, id, now })
  },
}

export const TREASURY_ACCOUNT = 'treasury:main'
export const ALLOCATED_ACCOUNT = 'treasury:allocated'

const PERSONS_WALLET = /^users:([0-9a-f]{8}-[0-9a-f-]{27}):available$/

const zAsked = z
  .strictObject({ amount: zAmount, recipient: zText(100).optional(), account: zAccountPath.optional() })
  .refine((asked) => (asked.recipient === undefined) !== (asked.account === undefined), {
    message: 'Name either a recipient or an account.',
    path: ['recipient'],
  })

/** Allocations of a quarter are promised one after the other, so that two together cannot exceed what it has. */
async function oneAtATime(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('governance.allocation', 0))`.execute(tx)
}

async function limitsAt(tx: Tx, now: Date): Promise<{ limits: TreasuryLimits; taken: bigint; quarter: string }> {
  const { asset, treasury_proposal_max_bps, treasury_quarter_max_bps } = await termsAt(tx, now)
  const { balance } = await findAccount(tx, TREASURY_ACCOUNT, asset)
  const quarter = quarterOf(now)
  const { taken } = await tx
    .selectFrom('governance.allocation')
    .select((eb) => eb.fn.coalesce(eb.fn.sum<bigint>('amount'), sql<bigint>`0::numeric`).as('taken'))
    .where('asset', '=', asset)
    .where('quarter', '=', quarter)
    .where('released_at', 'is', null)
    .executeTakeFirstOrThrow()
  const bps = { proposal_bps: treasury_proposal_max_bps, quarter_bps: treasury_quarter_max_bps }
  return { limits: treasuryLimits({ balance, taken, ...bps }), taken, quarter }
}

async function allocationOf(tx: Tx, { amount, account }: EffectParameters, now: Date) {
  const { asset, scale } = await termsAt(tx, now)
  assert(typeof amount === 'string' && typeof account === 'string', 'What is kept says how much, and to which account.')
  return { asset, scale, amount: parseAmount(amount, scale), account }
}

/** Once: what has ended is no longer there to be ended. */
async function endAllocation(tx: Tx, id: string, end: { paid_at: Date } | { released_at: Date }) {
  return await tx
    .updateTable('governance.allocation')
    .set(end)
    .where('proposal', '=', id)
    .where('paid_at', 'is', null)
    .where('released_at', 'is', null)
    .returning(['account', 'asset', 'amount'])
    .executeTakeFirstOrThrow()
}

async function move(tx: Tx, { kind, from, to, asset, amount, id, now }: Move): Promise<void> {
  const postings = [{ from, to, asset, amount }]
  await post(tx, [{ kind, reference: id, postings }], { actor: `proposal:${id}`, now })
}

function refuseAbove(code: LimitCode, what: string, { amount, limit, asset, scale }: Limited): void {
  if (amount <= limit) return
  const [asked, most] = [amount, limit].map((units) => formatAmount(units, scale))
  const message = `${what} may take at most ${most} ${asset} from the treasury, and this makes ${asked}.`
  throw new Conflict(code, message, { amount: asked!, limit: most!, asset })
}

type LimitCode = 'treasury_proposal_limit' | 'treasury_quarter_limit'

interface Limited {
  amount: bigint
  limit: bigint
  asset: string
  scale: number
}

interface Move {
  kind: string
  from: string
  to: string
  asset: string
  amount: bigint
  id: string
  now: Date
}
