import { createInterface } from 'node:readline'

import { must } from '../src/core/assert.ts'
import { startEmbeddedPostgres } from '../src/core/embedded-postgres.ts'

/*
 * Another Florin, as far as PostgreSQL can tell: joins the server of the data folder that it is given, says so in one line of
 * JSON, and leaves when it reads a line. test/embedded-postgres.ts starts it.
 */
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const postgres = await startEmbeddedPostgres({ dataDir: must(process.argv[2], 'Name a data folder.'), log: silent })
process.stdout.write(`${JSON.stringify({ pid: postgres.pid, adopted: postgres.adopted })}\n`)
const lines = createInterface({ input: process.stdin })
lines.once('line', () => {
  lines.close()
  void postgres.stop()
})
