import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { PROJECT_ROOT } from '../src/config.ts'
import { assert } from '../src/core/assert.ts'
import type { Report } from './harness.ts'
import { markdownOf } from './report.ts'

/** Puts a benchmark's figures into docs/benchmarks.md, in place of those of before. */
export async function writeDocument(report: Report): Promise<void> {
  const text = await readFile(DOCUMENT, 'utf8')
  const begin = `<!-- figures: ${report.benchmark} -->\n`
  const end = '<!-- end -->'
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  assert(from >= 0 && to > from, `docs/benchmarks.md has no place for the figures of ${report.benchmark}.`)
  await writeFile(DOCUMENT, `${text.slice(0, from + begin.length)}${markdownOf(report)}\n${text.slice(to)}`)
}

const DOCUMENT = join(PROJECT_ROOT, 'docs/benchmarks.md')
