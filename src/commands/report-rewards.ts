import type { RunningEconomy } from '../app.ts'
import { NotFound } from '../core/errors.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { findPerson } from '../identity/identity.ts'
import { type Account, findAccount } from '../ledger/accounts.ts'
import { availableAccount } from '../ledger/chart.ts'
import { type Line, readStatement } from '../ledger/statement.ts'
import { withEconomy } from './context.ts'
import { counted, table } from './table.ts'
import type { Terminal } from './terminal.ts'

/**
 * What a person was rewarded, newest first, as the statements of their wallet show it: with the entry and the number of
 * the posting, which are what "florin export proof" takes.
 */
export async function reportRewards(terminal: Terminal, { economy: name, username, limit }: RewardsReport) {
  await withEconomy(terminal, name, async (economy) => {
    const person = await findPerson(economy.db, { username })
    const rewards: Reward[] = []
    for (const account of await walletsOf(economy, person.id)) {
      for await (const line of linesOf(economy, account)) {
        if (line.kind === REWARD_KIND && rewards.push(view(line, account)) === limit) break
      }
    }
    const rows = rewards.map(({ effective_at, amount, asset, entry, posting }) => {
      return [effective_at.slice(0, 'YYYY-MM-DD'.length), `${amount} ${asset}`, entry, `${posting}`]
    })
    const text = `${table(['AT', 'REWARD', 'ENTRY', 'POSTING'], rows)}\n${counted(rewards.length, 'reward')} shown.`
    await terminal.answer({ username, person: person.id, rewards }, rewards.length > 0 ? text : NONE)
  })
}

const REWARD_KIND = 'weekly_reward'
const NONE = 'No rewards have been paid to them yet.'
const PAGE_LINES = 500

/** One for each asset that they ever held. */
async function walletsOf({ db, blueprint }: RunningEconomy, person: string): Promise<Account[]> {
  const wallets: Account[] = []
  for (const { code } of blueprint.assets) {
    const wallet = await findAccount(db, availableAccount(person), code).catch((error: unknown) => {
      if (error instanceof NotFound) return undefined
      throw error
    })
    if (wallet) wallets.push(wallet)
  }
  return wallets
}

async function* linesOf({ db }: RunningEconomy, account: Account): AsyncGenerator<Line> {
  let after: bigint | undefined
  for (;;) {
    const { lines } = await readStatement(db, { account, order: 'newest', after, limit: PAGE_LINES })
    yield* lines
    after = lines.at(-1)?.version
    if (lines.length < PAGE_LINES) return
  }
}

function view({ entry, no, amount, reference, effective_at, recorded_at }: Line, { asset, scale }: Account): Reward {
  return {
    entry: serialUuid(entry, recorded_at),
    posting: no,
    asset,
    amount: formatAmount(amount, scale),
    distribution: reference,
    effective_at: effective_at.toISOString(),
    recorded_at: recorded_at.toISOString(),
  }
}

interface Reward {
  entry: string
  posting: number
  asset: string
  amount: string
  distribution: string | null
  effective_at: string
  recorded_at: string
}

interface RewardsReport {
  economy: string
  username: string
  limit: number
}
