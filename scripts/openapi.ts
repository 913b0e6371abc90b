import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { openApiDocument } from '../src/api/openapi.ts'
import { PROJECT_ROOT } from '../src/config.ts'
import { VERSION } from '../src/core/version.ts'
import { ROUTES } from '../src/server.ts'

/*
 * The API's document, written out for clients and for reviewers: docs/openapi.json. `--check` writes nothing and fails
 * where the file differs from what the routes declare.
 */

const file = join(PROJECT_ROOT, 'docs/openapi.json')
const text = `${JSON.stringify(openApiDocument(ROUTES, { version: VERSION }), null, 2)}\n`

if (!process.argv.includes('--check')) {
  await writeFile(file, text)
} else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
  console.error('docs/openapi.json is not what the routes declare. Run: npm run openapi')
  process.exitCode = 1
}
