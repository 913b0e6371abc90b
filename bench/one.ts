// One benchmark in a process of its own, so that none runs in what another has left of memory and compiled code:
// `node bench/one.ts NAME [--quick]`, started by bench/run.ts, which is sent the report.
import { must } from '../src/core/assert.ts'
import { BENCHMARKS } from './benchmarks.ts'
import { runBenchmark } from './harness.ts'
import { openPlace } from './place.ts'

const [name, ...flags] = process.argv.slice(2)
const benchmark = must(
  BENCHMARKS.find((known) => known.name === name),
  `There is no benchmark ${name}.`,
)
const note = (what: string) => void process.stderr.write(`${benchmark.name}: ${what} …\n`)

note('starting PostgreSQL')
const place = await openPlace()
const INTERRUPTED = 130
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(INTERRUPTED))

try {
  const report = await runBenchmark(benchmark, { quick: flags.includes('--quick'), note, place })
  if (!stopping) await new Promise((sent) => process.send?.(report, sent))
  await stop(0)
} catch (error) {
  // What is under way while it is being stopped fails, of course.
  if (!stopping) console.error(error)
  await stop(1)
}

async function stop(code: number): Promise<void> {
  // Under npm one Ctrl-C arrives twice, and then what was under way fails.
  if (stopping) return await new Promise(() => undefined)
  stopping = true
  if (code === INTERRUPTED) note('stopping')
  await place.remove()
  process.exit(code)
}
