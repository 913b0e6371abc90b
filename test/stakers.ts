import { transaction } from '../src/core/db.ts'
import { createPerson } from '../src/identity/identity.ts'
import { ensureAccounts, findAccount, setStatus } from '../src/ledger/accounts.ts'
import { availableAccount } from '../src/ledger/chart.ts'
import { post } from '../src/ledger/post.ts'
import { sweepStakes } from '../src/staking/jobs.ts'
import { stakedAccount } from '../src/staking/stake-row.ts'
import { stake, unstake } from '../src/staking/staking.ts'
import { kontrib, testWiki, type TestWiki, week } from './wiki.ts'

const START = week(0)
const ASSET = 'KONTRIB'

/** A wiki with two people, each of whom has 10,000, and short words for what they do with it. */
export async function testStakers(options: Parameters<typeof testWiki>[0] = {}): Promise<Stakers> {
  const t = await testWiki(options)
  const { db } = t
  const [ada, bob] = await transaction(db, async (tx) => {
    const by = { actor: 'cli:test', now: START }
    const people = [
      await createPerson(tx, { username: 'ada', ...by }),
      await createPerson(tx, { username: 'bob', ...by }),
    ].map(({ id }) => id)
    const wallets = people.map(availableAccount)
    await ensureAccounts(tx, {
      asset: ASSET,
      accounts: wallets.map((path, i) => ({ path, owner: people[i]! })),
      now: START,
    })
    const postings = wallets.map((to) => ({ from: 'treasury:main', to, asset: ASSET, amount: kontrib(10_000) }))
    await post(tx, [{ kind: 'transfer', postings }], by)
    return people
  })
  return {
    ...t,
    [Symbol.asyncDispose]: t[Symbol.asyncDispose],
    ada: ada!,
    bob: bob!,
    stakeOf: async (person, tokens, { days = 30, at = START } = {}) =>
      await transaction(db, async (tx) => {
        const amount = kontrib(tokens)
        return await stake(tx, { pool: 'term', person, amount, days, actor: `person:${person}`, now: at })
      }),
    unstakeOf: async (person, id, at) =>
      await transaction(db, async (tx) => await unstake(tx, { id, person, actor: `person:${person}`, now: at })),
    sweep: async (at) => await sweepStakes(db, { now: at }),
    holdings: async (person) => [await t.balance(availableAccount(person)), await t.balance(stakedAccount(person))],
    pool: async () => await findAccount(db, 'pools:staking', ASSET),
  }
}

/** Freezes, closes or opens an account. */
export async function setAccount(t: Stakers, path: string, status: 'open' | 'frozen' | 'closed') {
  await transaction(t.db, async (tx) => {
    await setStatus(tx, { path, asset: ASSET, status, actor: 'cli:test', now: START })
  })
}

export interface Stakers extends TestWiki {
  ada: string
  bob: string
  stakeOf(person: string, tokens: number, options?: { days?: number; at?: Date }): ReturnType<typeof stake>
  unstakeOf(person: string, id: string, at: Date): ReturnType<typeof unstake>
  sweep(at: Date): Promise<number>
  /** What is in the wallet, and what is staked. */
  holdings(person: string): Promise<[bigint, bigint]>
  pool(): Promise<{ balance: bigint; reserved: bigint }>
}
