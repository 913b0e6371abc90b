import type { Bench, Benchmark } from './harness.ts'
import { HttpConnection } from './http-connection.ts'
import { closedLoop, oneByOne } from './measure.ts'
import { addPeople, letSignIn, signIn, type SignsIn } from './people.ts'
import type { BenchEconomy } from './place.ts'
import { uniform } from './random.ts'
import { type ServerProcess, startServer } from './server-process.ts'

/** How long somebody waits who signs in. */
export const signingIn: Benchmark = {
  name: 'sign-in',
  about:
    'POST /auth/sign-in/email with the right password, from this process against the server in a process of its own: argon2id with 19 MiB and two passes, the limits of the account and the address, a session written, an audit event, all on the disk. One after the other, then eight at once, who share the cores.',
  async run(bench) {
    await bench.withEconomy(async (economy) => {
      const people = await addPeople(economy, PEOPLE, economy.clock.now())
      const members = await letSignIn(economy, people)
      await economy.rest()
      const server = await startServer(bench.place)
      try {
        await measure(bench, economy, { server, members })
      } finally {
        await server.stop()
      }
    })
  },
}

async function measure(bench: Bench, economy: BenchEconomy, { server, members }: Served): Promise<void> {
  const open = async (_: unknown, caller: number) =>
    await HttpConnection.open(server.address, {}, `127.0.0.${caller + 1}`)
  const anybody = () => members[uniform(members.length)]!
  const [first, ...others] = await Promise.all(Array.from({ length: AT_ONCE }, open))
  bench.note('one after the other')
  const one = await oneByOne(bench.size(TIMES), async () => await signIn(first!, economy, anybody()))
  bench.figure({
    case: 'one after the other, p99',
    value: one.times.p99_ms,
    unit: 'ms',
    times: one.times,
    bars: [{ below: 150 }],
  })
  bench.note(`${AT_ONCE} at once`)
  const connections = [first!, ...others]
  const many = await closedLoop({
    callers: AT_ONCE,
    seconds: bench.seconds,
    call: async (caller) => {
      await signIn(connections[caller]!, economy, anybody())
      return 1
    },
  })
  bench.figure({ case: `${AT_ONCE} at once`, value: many.rate, unit: 'sign-ins/s', times: many.times })
  for (const connection of connections) connection.close()
}

const PEOPLE = 1_000
const TIMES = 300
const AT_ONCE = 8

interface Served {
  server: ServerProcess
  members: readonly SignsIn[]
}
