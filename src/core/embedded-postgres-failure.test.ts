import { readFile } from 'node:fs/promises'

import { describe, expect, test } from 'vitest'

import { explainFileError, explainOutput, orphansLinger } from './embedded-postgres-failure.ts'

describe('what PostgreSQL says when it does not start is explained', () => {
  test.for([
    ['FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device', 'disk_full'],
    ['postgres: could not access the server configuration file "/data": Permission denied', 'data_folder_denied'],
    ['FATAL:  data directory "/data" has wrong ownership', 'data_folder_denied'],
    ['FATAL:  could not map anonymous shared memory: Cannot allocate memory', 'out_of_memory'],
    ['FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use', 'postgres_lingers'],
    ['PANIC:  could not locate a valid checkpoint record at 0/0', 'postgres_data_damaged'],
    ['FATAL:  lock file "postmaster.pid" already exists', 'postgres_runs_already'],
    ['FATAL:  something new', 'postgres_failed'],
  ])('%s', ([output = '', code]) => {
    const error = explainOutput(`first line\n${output}\n`, { what: 'PostgreSQL could not be started', path: '/data' })
    expect(error).toMatchObject({ code, status: 503, params: { path: '/data' } })
    expect(error.message).toContain(output)
  })

  test('and processes of a killed server are told from a running one', () => {
    expect(orphansLinger('FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use')).toBe(true)
    expect(orphansLinger('FATAL:  lock file "postmaster.pid" already exists')).toBe(false)
  })
})

test.for([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EACCES', 'data_folder_denied'],
  ['EROFS', 'data_folder_denied'],
  ['ENOTDIR', 'data_folder_unusable'],
])('the refusal %s of the file system is explained', ([code, explained]) => {
  const error = Object.assign(new Error('refused'), { code, syscall: 'open', path: '/data/keys' })
  expect(explainFileError(error)).toMatchObject({ code: explained, params: { path: '/data/keys' } })
})

test('an error that is no refusal of the file system stays what it is', async () => {
  const ours = new Error('ours')
  expect(explainFileError(ours)).toBe(ours)
  const missing: unknown = await readFile('/no/such/file').catch((error: unknown) => error)
  expect(explainFileError(missing)).toBe(missing)
})
