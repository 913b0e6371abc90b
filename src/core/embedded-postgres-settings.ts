import { assert } from './assert.ts'

/**
 * The text of florin.conf: what a ledger needs on a small machine. It is written anew at every start, so that a new
 * version of Florin brings its own; `changes` win over it, and what `ALTER SYSTEM` set wins over both.
 */
export function postgresConf(changes: PostgresSettings = {}): string {
  const lines = Object.entries({ ...settings, ...changes }).map(([name, value]) => {
    assert(/^[a-z_.]+$/.test(name), `${name} is no name of a PostgreSQL setting.`)
    return `${name} = '${String(value).replaceAll("'", "''")}'`
  })
  return `# Written by Florin at every start. Use ALTER SYSTEM for changes that shall stay.\n${lines.join('\n')}\n`
}

export type PostgresSettings = Record<string, string | number>

const settings: PostgresSettings = {
  // Reached through a socket in a private folder, with a password, and in no other way.
  listen_addresses: '',
  port: 5432,
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  max_connections: 200,

  // What was acknowledged is on the disk. wal_sync_method stays what PostgreSQL finds best for the platform.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // Checkpoints far apart: each makes the first change of every page cost a whole page of log.
  // Not compressed: the packaged binaries have only pglz, which saves 40 % of the log and more than halves the rate of
  // updates over a million accounts (two cores, 38,000 instead of 72,000 to 102,000 rows a second).
  wal_compression: 'off',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: 0.9,

  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '32MB',
  maintenance_work_mem: '256MB',
  huge_pages: 'try',

  // Statements here are short and many: compiling them costs more than it saves, and disks have no heads to move.
  jit: 'off',
  random_page_cost: 1.1,

  // Accounts are updated all the time and entries only grow: look sooner than at a fifth of the table.
  autovacuum: 'on',
  autovacuum_naptime: '30s',
  autovacuum_vacuum_scale_factor: 0.05,
  autovacuum_vacuum_insert_scale_factor: 0.1,
  autovacuum_analyze_scale_factor: 0.02,

  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] %q%u@%d ',
  // Terse: the detail of a refused row holds people's data, and the caller has it in the error anyway.
  log_error_verbosity: 'terse',
}
