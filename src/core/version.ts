import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Florin's own version, from package.json. */
export const VERSION = readVersion()

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string
  }
  return version
}
