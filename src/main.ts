import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Stripping types and compiling take half of the time of a short command; the cache is beside what it is of.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/florin'))

const { runCli } = await import('./commands/cli.ts')
process.exitCode = await runCli(process.argv.slice(2))
