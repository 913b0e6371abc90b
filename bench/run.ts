// `npm run bench [NAME…] [--quick] [--json] [--markdown] [--strict]`: see docs/benchmarks.md.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { BENCHMARKS } from './benchmarks.ts'
import { writeDocument } from './document.ts'
import type { Report } from './harness.ts'
import { isFine, markdownOf, textOf } from './report.ts'

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  },
})

const known = BENCHMARKS.map(({ name }) => name)
const unknown = names.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${known.join(', ')}.`)
  process.exit(2)
}

let stopped = false
const reports: Report[] = []
for (const name of names.length > 0 ? names : known) {
  const report = stopped ? undefined : await runOne(name)
  if (!report) continue
  reports.push(report)
  if (!flags.json) process.stdout.write(`${textOf(report)}\n`)
  if (flags.markdown && !flags.quick) await writeDocument(report)
}
if (flags.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`)
if (flags.markdown && flags.quick) process.stdout.write(`${reports.map(markdownOf).join('\n\n')}\n`)

const verdicts = reports.map(isFine)
if (verdicts.some(({ books }) => !books)) process.exitCode = 1
if (flags.strict && verdicts.some(({ bars }) => !bars)) process.exitCode = 1

async function runOne(name: string): Promise<Report | undefined> {
  const args = flags.quick ? [name, '--quick'] : [name]
  // Its standard output would end up in the middle of the JSON.
  const child = fork(join(import.meta.dirname, 'one.ts'), args, { stdio: ['ignore', 2, 2, 'ipc'] })
  let report: Report | undefined
  child.on('message', (message) => (report = message as Report))
  const pass = (signal: NodeJS.Signals) => {
    stopped = true
    process.exitCode = 130
    child.kill(signal)
  }
  process.on('SIGINT', pass)
  process.on('SIGTERM', pass)
  const [code] = (await once(child, 'exit')) as [number | null]
  process.off('SIGINT', pass)
  process.off('SIGTERM', pass)
  if (code !== 0 && !stopped) process.exitCode = 1
  return report
}
