import { distributeThrough } from '../src/contributions/contributions.ts'
import { assert } from '../src/core/assert.ts'
import { transaction } from '../src/core/db.ts'
import { addWeeks, weekStart } from '../src/core/period.ts'
import { setParameter } from '../src/economy/parameters.ts'
import type { Bar, Bench, Benchmark } from './harness.ts'
import { HttpConnection } from './http-connection.ts'
import { closedLoop, type Measured, oneByOne } from './measure.ts'
import { letSignIn, type Session, signIn, type SignsIn } from './people.ts'
import type { BenchEconomy } from './place.ts'
import { uniform } from './random.ts'
import { count } from './report.ts'
import { postingKey, type ServerProcess, startServer, withKey } from './server-process.ts'
import { putInWeek } from './wiki-week.ts'
import { ACTOR, ASSET } from './workload.ts'

/** What people see of a large wiki, and all of them at once. */
export const members: Benchmark = {
  name: 'members',
  about:
    'After a week of 1,000,000 contributions by 100,000 people, all of them paid: what each page of the console asks for, over HTTP of the server in a process of its own, one after the other, by 500 people who have signed in, or by staff with a key. Then all 500 at once ask for their account again and again without a pause; closed loop.',
  async run(bench) {
    const week = addWeeks(weekStart(bench.place.app.clock.now()), -1)
    await bench.withEconomy(
      async (economy) => {
        await payWeek(bench, economy, week)
        const people = await economy.db.selectFrom('identity.person').select('id').limit(MEMBERS).execute()
        const signing = await letSignIn(
          economy,
          people.map(({ id }) => id),
        )
        await economy.rest()
        const server = await startServer(bench.place)
        try {
          bench.note(`signing in ${count(signing.length)} people`)
          const sessions = await signInAll(server, economy, signing)
          await measurePages(bench, economy, { server, sessions })
          await measurePolling(bench, economy, { server, sessions })
        } finally {
          await server.stop()
        }
      },
      { now: addWeeks(week, -1) },
    )
  },
}

const MEMBERS = 500

async function payWeek(bench: Bench, economy: BenchEconomy, week: Date): Promise<void> {
  const { db, clock, asOwner, rest } = economy
  const contributions = bench.size(1_000_000)
  const people = bench.size(100_000)
  bench.note(`putting in ${count(contributions)} contributions`)
  const pool = { name: 'weekly_pool', value: String(people * 10), actor: ACTOR, now: addWeeks(week, -1) }
  await transaction(db, async (tx) => await setParameter(tx, pool))
  await asOwner(
    async (client) => await putInWeek(client, { contributions, people, articles: bench.size(10_000), week }),
  )
  await rest()
  bench.note('paying them')
  const [done] = await distributeThrough(db, { through: clock.now(), clock, actor: ACTOR })
  assert(done?.userCount === people, `${done?.userCount} of ${people} people were paid`)
  await economy.log.sealer.sealAll()
}

async function signInAll(
  { address }: ServerProcess,
  economy: BenchEconomy,
  people: readonly SignsIn[],
): Promise<Session[]> {
  const connection = await HttpConnection.open(address)
  const sessions: Session[] = []
  for (const person of people) sessions.push(await signIn(connection, economy, person))
  connection.close()
  return sessions
}

const PROMISED = [{ below: 50 }]

/** What each page waits for; the trial balance reads every account, and is promised nothing. */
const PAGES: [page: string, who: 'member' | 'staff', path: string, bars?: readonly Bar[]][] = [
  ['dashboard', 'member', '/dashboard', PROMISED],
  ['overview: trial balance', 'staff', `/ledger/trial-balance?depth=1&asset=${ASSET}`],
  ['overview: weeks', 'staff', '/distributions?limit=52', PROMISED],
  ['my account', 'member', '/me/account', PROMISED],
  ['my statement', 'member', `/me/statement?asset=${ASSET}&limit=50`, PROMISED],
  ['my contributions: totals', 'member', '/me/summary', PROMISED],
  ['my contributions', 'member', '/me/contributions?limit=50', PROMISED],
  ['my contributions: rewards', 'member', '/me/rewards?limit=50', PROMISED],
  ['leaderboard', 'member', '/contributors?limit=50', PROMISED],
]

async function measurePages(bench: Bench, economy: BenchEconomy, { server, sessions }: Served): Promise<void> {
  const staff = withKey(await postingKey(economy))
  for (const [page, who, path, bars] of PAGES) {
    bench.note(page)
    const callers = who === 'staff' ? [staff] : sessions.slice(0, READERS)
    const connections = await openAll(server, callers)
    const { times } = await oneByOne(bench.size(TIMES), async () => {
      await get(connections[uniform(connections.length)]!, economy, path)
    })
    for (const connection of connections) connection.close()
    bench.figure({ case: `${page}, p99`, value: times.p99_ms, unit: 'ms', times, ...(bars && { bars }) })
  }
}

async function measurePolling(bench: Bench, economy: BenchEconomy, { server, sessions }: Served): Promise<void> {
  const connections = await openAll(server, sessions)
  const name = `${count(connections.length)} members ask for their account at once`
  bench.note(name)
  const measured: Measured = await closedLoop({
    callers: connections.length,
    seconds: bench.seconds,
    warm_up_seconds: WARM_UP_SECONDS,
    call: async (caller) => {
      await get(connections[caller]!, economy, '/me/account')
      return 1
    },
  })
  const { rate, times, cpu_share } = measured
  bench.figure({
    case: name,
    value: rate,
    unit: 'requests/s',
    times,
    note: `the client used ${Math.round(cpu_share * 100)} % of a core`,
  })
  for (const connection of connections) connection.close()
  bench.figure({ case: `${name}, p99`, value: times.p99_ms, unit: 'ms', bars: [{ below: 200 }] })
}

async function openAll({ address }: ServerProcess, sessions: readonly Session[]): Promise<HttpConnection[]> {
  return await Promise.all(sessions.map(async (session) => await HttpConnection.open(address, session)))
}

async function get(connection: HttpConnection, { name }: BenchEconomy, path: string): Promise<void> {
  const { status, body } = await connection.get(`/v1/${name}${path}`)
  if (status !== 200) throw new Error(`The server answered ${status}: ${body.slice(0, 300)}`)
}

/** So many of them are asked for pages, in no order. */
const READERS = 50
const TIMES = 500
/** The server has just started: until its code is compiled it is not what users have. */
const WARM_UP_SECONDS = 3

interface Served {
  server: ServerProcess
  sessions: readonly Session[]
}
