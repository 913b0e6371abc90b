import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { openApiDocument } from '../src/api/openapi.ts'
import { PROJECT_ROOT } from '../src/config.ts'
import { VERSION } from '../src/core/version.ts'
import { ROUTES } from '../src/server.ts'

/*
 * The API's document, written out for clients and for reviewers: docs/openapi.json, and the types that the SDK makes of it.
 * `--check` writes nothing and fails where a file differs from what the routes declare.
 */

const TYPES = 'sdk/src/schema.gen.ts'
const file = join(PROJECT_ROOT, 'docs/openapi.json')
const text = `${JSON.stringify(openApiDocument(ROUTES, { version: VERSION }), null, 2)}\n`

if (!process.argv.includes('--check')) {
  await writeFile(file, text)
} else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
  console.error('docs/openapi.json is not what the routes declare. Run: npm run openapi')
  process.exitCode = 1
}

const check = process.argv.includes('--check') ? ['--check'] : []
const generate = [
  'exec',
  '-w',
  'sdk',
  '--',
  'openapi-typescript',
  file,
  '--output',
  join(PROJECT_ROOT, TYPES),
  ...check,
]
if (spawnSync('npm', generate, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) {
  console.error(`${TYPES} is not what docs/openapi.json says. Run: npm install && npm run openapi`)
  process.exitCode = 1
}
