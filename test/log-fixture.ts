import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { transaction } from '../src/core/db.ts'
import { ensureAccounts } from '../src/ledger/accounts.ts'
import { type Log, openLog } from '../src/ledger/log/log.ts'
import { post } from '../src/ledger/post.ts'
import { testEconomy, type TestEconomyOptions } from './helpers.ts'

/** An economy with three accounts, and its log with its files in a folder that goes when the test ends. */
export async function testLog({ asset = 'TOK', ...options }: TestEconomyOptions & { asset?: string } = {}) {
  const economy = await testEconomy(options)
  const { db, clock } = economy
  const folder = await mkdtemp(join(tmpdir(), 'florin-log-'))
  const files = { signingKey: join(folder, 'keys', 'test.pem'), checkpoints: join(folder, 'checkpoints') }
  await transaction(db, async (tx) => {
    const accounts = ['world:bank', 'users:ann:available', 'users:bob:available'].map((path) => ({ path }))
    await ensureAccounts(tx, { asset, accounts, now: clock.now() })
  })
  let posted = 0
  const pay = async (amount: bigint, to = 'users:ann:available') =>
    await transaction(db, async (tx) => {
      const postings = [{ from: 'world:bank', to, asset, amount }]
      const item = { kind: 'deposit', postings, metadata: { no: ++posted } }
      const [result] = await post(tx, [item], { actor: 'key:test', now: clock.now() })
      if (result?.status !== 'posted') throw new Error('The deposit was not posted')
      return result
    })
  return {
    ...economy,
    folder,
    files,
    pay,
    open: async (): Promise<Log> => await openLog(db, { ...files, clock }),
    [Symbol.asyncDispose]: async () => {
      await economy[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

export type TestLog = Awaited<ReturnType<typeof testLog>>
