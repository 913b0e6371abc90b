import { z } from 'zod'

import { personOf } from '../core/actor.ts'
import type { Clock } from '../core/clock.ts'
import type { Db } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { router, zAmount, zCursor, zLimit, zText, zUuid } from '../core/http.ts'
import { formatAmount, parseAmount } from '../core/money.ts'
import { keyset, zPage } from '../core/page.ts'
import { findAccount } from '../ledger/accounts.ts'
import { availableAccount } from '../ledger/chart.ts'
import { stakingTermsAt } from './parameters.ts'
import { findPool, fundPool, readPools } from './pools.ts'
import { quoteStake } from './quote.ts'
import { poolView, previewView, stakeView, zStake, zStakePreview, zStakeStatus, zStakingPool } from './stake-view.ts'
import { findStake, listStakes, poolTotals, type StakeRow } from './stakes-queries.ts'
import { stake, unstake } from './staking.ts'

const route = router<{ db: Db; clock: Clock }>()

const zPoolCode = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/)

/** The pool that is meant where none is named. */
const TERM_POOL = 'term'

const zStaking = z.strictObject({
  amount: zAmount,
  duration_days: z.int().min(1).max(36_500).meta({ description: 'The length of one of the pool’s tiers.' }),
  pool: zPoolCode.default(TERM_POOL),
})

const newest = keyset('staking.stakes', z.tuple([zUuid]))
const mine = keyset('me.stakes', z.tuple([zUuid]))
const keyOf = (row: StakeRow): [string] => [row.id]

export const stakingRoutes = [
  route({
    method: 'get',
    path: '/staking/pools',
    may: 'staking.read',
    summary: 'List the pools that one can stake in',
    description: 'With their tiers, and what is there for rewards, promised and free.',
    response: z.object({ data: z.array(zStakingPool) }),
    handler: async ({ scope: { db }, now }) => {
      const [pools, totals, terms] = [await readPools(db), await poolTotals(db), await stakingTermsAt(db, now)]
      return { data: pools.map((pool) => poolView(pool, totals.get(pool.code), terms)) }
    },
  }),
  route({
    method: 'post',
    path: '/staking/pools/:code/fund',
    may: 'staking.fund',
    idempotency: 'required',
    summary: 'Fund a pool',
    description:
      'Moves tokens from treasury:main to where the pool’s rewards are paid from; they leave as rewards only.',
    errors: ['staking_pool_not_found', 'amount_invalid', 'account_not_found', 'amount_zero', 'insufficient_funds'],
    params: { code: zPoolCode },
    body: z.strictObject({ amount: zAmount }),
    response: z.object({ entry_id: z.string(), balance: z.string() }),
    handler: async ({ tx, actor, params: { code }, body, now }) => {
      const { scale } = await findPool(tx, code)
      const amount = parseAmount(body.amount, scale)
      const { entry, balance } = await fundPool(tx, { pool: code, amount, actor: actor.id, now })
      return { entry_id: entry, balance: formatAmount(balance, scale) }
    },
  }),
  route({
    method: 'get',
    path: '/staking/stakes',
    may: 'stakes.read',
    summary: 'List everybody’s stakes',
    description: 'The newest first.',
    query: {
      username: zText(100).optional(),
      status: zStakeStatus.optional(),
      pool: zPoolCode.optional(),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zStake),
    handler: async ({ scope: { db }, query: { limit, cursor, ...filters }, now }) => {
      const after = newest.after(cursor, filters)
      const rows = await listStakes(db, { ...filters, after: after?.[0], limit: limit + 1 })
      return newest.page(rows, { limit, filters, keyOf, view: (row) => stakeView(row, now) })
    },
  }),
  route({
    method: 'get',
    path: '/me/stakes',
    may: 'me.read',
    summary: 'List my stakes',
    description: 'The newest first, with what each has earned so far.',
    query: { status: zStakeStatus.optional(), limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zStake),
    handler: async ({ scope: { db }, actor, query: { limit, cursor, ...filters }, now }) => {
      const person = personOf(actor)
      const after = mine.after(cursor, filters)
      const rows = await listStakes(db, { ...filters, person, after: after?.[0], limit: limit + 1 })
      return mine.page(rows, { limit, filters, keyOf, view: (row) => stakeView(row, now) })
    },
  }),
  route({
    method: 'get',
    path: '/me/stakes/:id',
    may: 'me.read',
    summary: 'Get a stake of mine',
    description: 'With what it has earned so far, and the entries that made and paid it.',
    errors: ['stake_not_found'],
    params: { id: zUuid },
    response: zStake,
    handler: async ({ scope: { db }, actor, params: { id }, now }) =>
      stakeView(await findStake(db, { id, person: personOf(actor) }), now),
  }),
  route({
    method: 'post',
    path: '/me/stakes/preview',
    may: 'me.read',
    idempotency: 'none',
    summary: 'Preview a stake',
    description:
      'What staking would bring and when, what ending it early would cost, and whether it is possible now. Nothing is moved or reserved.',
    errors: ['staking_pool_not_found', 'amount_invalid', 'term_not_offered', 'stake_too_small'],
    body: zStaking,
    response: zStakePreview,
    handler: async ({ scope: { db }, actor, body, now }) => {
      const person = personOf(actor)
      const { asset, scale } = await findPool(db, body.pool)
      const amount = parseAmount(body.amount, scale)
      const quote = await quoteStake(db, { pool: body.pool, amount, days: body.duration_days, now })
      return previewView(quote, await availableTo(db, person, asset))
    },
  }),
  route({
    method: 'post',
    path: '/me/stakes',
    may: 'me.stake',
    idempotency: 'required',
    status: 201,
    summary: 'Stake',
    description:
      'Locks tokens of mine until the term ends, and reserves the whole reward for it. Principal and reward are then paid by themselves.',
    errors: [
      'staking_pool_not_found',
      'amount_invalid',
      'term_not_offered',
      'stake_too_small',
      'account_closed',
      'account_frozen',
      'insufficient_funds',
      'reward_pool_short',
    ],
    body: zStaking,
    response: zStake,
    handler: async ({ tx, actor, body, now }) => {
      const person = personOf(actor)
      const { scale } = await findPool(tx, body.pool)
      const amount = parseAmount(body.amount, scale)
      const { id } = await stake(tx, {
        pool: body.pool,
        person,
        amount,
        days: body.duration_days,
        actor: actor.id,
        now,
      })
      return stakeView(await findStake(tx, { id, person }), now)
    },
  }),
  route({
    method: 'post',
    path: '/me/stakes/:id/unstake',
    may: 'me.stake',
    idempotency: 'required',
    summary: 'End a stake early',
    description:
      'It stops counting at once and earns nothing; the principal comes back after the delay that was agreed, less the penalty that was.',
    errors: ['stake_not_found', 'stake_not_active', 'stake_matured'],
    params: { id: zUuid },
    response: zStake,
    handler: async ({ tx, actor, params: { id }, now }) => {
      const person = personOf(actor)
      await unstake(tx, { id, person, actor: actor.id, now })
      return stakeView(await findStake(tx, { id, person }), now)
    },
  }),
]

/** What is in the member's wallet and not reserved; nothing where they have none yet. */
async function availableTo(db: Db, person: string, asset: string): Promise<bigint> {
  try {
    const { balance, reserved, floor } = await findAccount(db, availableAccount(person), asset)
    return balance - reserved - (floor ?? 0n)
  } catch (error) {
    if (error instanceof NotFound) return 0n
    throw error
  }
}
