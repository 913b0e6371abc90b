import { KONTRIB } from '../../blueprints/kontrib.ts'
import { type App, createApp, type RunningEconomy } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { must } from '../../src/core/assert.ts'
import { systemClock } from '../../src/core/clock.ts'
import { transaction } from '../../src/core/db.ts'
import { createLog } from '../../src/core/log.ts'
import { createEconomy } from '../../src/economy/create.ts'
import { createApiKey, findPerson } from '../../src/identity/identity.ts'
import { ensureAccounts } from '../../src/ledger/accounts.ts'
import { availableAccount } from '../../src/ledger/chart.ts'
import { ENTRY_LEAF } from '../../src/ledger/log/encode.ts'
import { leavesOf } from '../../src/ledger/log/head.ts'
import { post } from '../../src/ledger/post.ts'
import { createAppServer } from '../../src/server.ts'
import { testDataFolder } from '../../test/embedded-postgres.ts'
import { until } from '../../test/florin.ts'
import { openBrowser } from './browser.ts'
import { builtConsole } from './demonstration.ts'
import { outboxLink, type StartedFlorin } from './started-florin.ts'
import { watchedPage } from './watched-page.ts'

/**
 * The server with a wiki of nobody yet, in this process, so that its clock can be moved: what the clock brings happens
 * by itself within a second, as it would in a week.
 */
export async function movableFlorin(): Promise<MovableFlorin> {
  await builtConsole()
  const opening = openBrowser()
  const folder = await testDataFolder()
  let ahead_ms = 0
  const clock = { now: () => new Date(systemClock.now().getTime() + ahead_ms) }
  const log = createLog({ level: 'error', destination: process.stderr })
  const app = await createApp(readConfig({ FLORIN_DATA: folder.path }), { log, clock, background: true })
  await createEconomy(app.control, { name: ECONOMY, blueprint: KONTRIB, actor: ACTOR, now: clock.now() })
  const within = async <T>(work: (economy: RunningEconomy) => Promise<T>) => await app.economies.with(ECONOMY, work)
  const key = await within(async ({ db }) =>
    transaction(db, async (tx) => {
      const made = await createApiKey(tx, { name: 'the tests', role: 'owner', actor: ACTOR, now: clock.now() })
      return made.key.reveal()
    }),
  )
  const server = await createAppServer(app)
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  const browser = await opening
  return {
    address,
    key,
    data: folder.path,
    browser,
    app,
    within,
    watch: async (look) => await watchedPage(browser, { ...look, address }),
    linkMailedTo: async (to) => await outboxLink({ address, key }, to),
    after: (hours) => {
      ahead_ms += hours * 3_600_000
    },
    pay: async (username, tokens) =>
      await within(async ({ db }) => {
        const posted = await transaction(db, async (tx) => {
          const { id } = await findPerson(tx, { username })
          const [wallet, now] = [availableAccount(id), clock.now()]
          await ensureAccounts(tx, { asset: ASSET, accounts: [{ path: wallet, owner: id }], now })
          const amount = BigInt(tokens) * 1_000_000_000n
          const postings = [{ from: 'treasury:main', to: wallet, asset: ASSET, amount }]
          return await post(tx, [{ kind: 'transfer', postings }], { actor: ACTOR, now })
        })
        const refs = posted.map((result) => must('entry' in result ? result.entry : undefined, 'It was posted.'))
        await until(async () => (await leavesOf(db, { kind: ENTRY_LEAF, refs })).size === refs.length)
      }),
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      await server.close()
      await app.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const ECONOMY = 'kontrib'
const ASSET = 'KONTRIB'
const ACTOR = 'cli:test'

export interface MovableFlorin extends StartedFlorin {
  app: App
  within: <T>(work: (economy: RunningEconomy) => Promise<T>) => Promise<T>
  /** Moves the clock ahead. */
  after: (hours: number) => void
  /** Gives whole tokens out of the treasury to a member, sealed: they have votes. */
  pay: (username: string, tokens: number) => Promise<void>
}
