// `npm run check`: types, lint, format, the repository's own rules and unused code, side by side, in under 20 seconds.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

const CHECKS: [name: string, command: string, args: string[]][] = [
  ['types', 'tsc', ['--noEmit']],
  ['types of the SDK, as browsers have them', 'tsc', ['--noEmit', '-p', 'sdk']],
  ['types of the console', 'tsc', ['--noEmit', '--project', 'console']],
  ['types of the browser tests', 'tsc', ['--noEmit', '--project', 'console/e2e']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['format', 'oxfmt', ['--check', '.']],
  ['tidy', 'vitest', ['run', '--config', 'vitest.tidy.config.ts', '--reporter', 'dot']],
  ['unused', 'knip', ['--no-progress']],
]

async function run([name, command, args]: (typeof CHECKS)[number]): Promise<boolean> {
  const started_ms = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const seconds = ((performance.now() - started_ms) / 1_000).toFixed(1)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  if (code !== 0) console.log(Buffer.concat(output).toString())
  return code === 0
}

const waiting = [...CHECKS]
const results: boolean[] = []
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) results.push(await run(check))
  }),
)
process.exitCode = results.every(Boolean) ? 0 : 1
