import { statfs } from 'node:fs/promises'

import type { Client } from 'pg'

import { assert, must } from '../src/core/assert.ts'

/** What a database is asked for before anything is measured in it: its settings, which also stand in the report. */
export const SETTINGS = `
  select name, current_setting(name) as value
  from unnest(array[
    'server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers',
    'max_wal_size'
  ]) as name
`

/** Fails unless whoever commits there waits for the disk: what was measured otherwise would say nothing. */
export function mustBeDurable(rows: readonly Setting[]): Record<string, string> {
  const settings = Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  for (const name of MUST_BE_ON) assert(settings[name] === 'on', `${name} is ${settings[name]}: set it on to measure.`)
  return settings
}

/** Fails when the server's files are in memory. The server is on this machine. */
export async function mustBeOnDisk(client: Client): Promise<void> {
  const { rows } = await client.query<{ folder: string }>(`select current_setting('data_directory') as folder`)
  const { type } = await statfs(must(rows[0], 'A setting is one row').folder)
  assert(!IN_MEMORY.has(type), 'The data folder is in memory: set FLORIN_DATA to one on a disk to measure.')
}

export interface Setting {
  name: string
  value: string
}

const MUST_BE_ON = ['fsync', 'synchronous_commit', 'full_page_writes']
/** What Linux calls tmpfs and ramfs (statfs(2)): there, fsync has nothing to do. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6])
