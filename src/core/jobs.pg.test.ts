import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { testEconomy } from '../../test/helpers.ts'
import { type Job, JOBS_AT_ONCE, startJobs } from './jobs.ts'

type Scope = Awaited<ReturnType<typeof testEconomy>>

test('jobs that fall due together are all done, though there are fewer connections than jobs', async () => {
  await using t = await testEconomy({ connections_max: JOBS_AT_ONCE + 1 })
  const done = new Set<string>()
  const all = Promise.withResolvers<void>()
  const names = Array.from({ length: 12 }, (_, no) => `test.${no}`)
  const jobs = names.map((name): Job<Scope> => {
    const run = async ({ db }: Scope) => {
      // Over a connection of its own, while another one holds the job's lock.
      await sql`select 1`.execute(db)
      done.add(name)
      if (done.size === names.length) all.resolve()
    }
    return { name, every_ms: 5, run }
  })
  const onError = (_: string, error: unknown) => all.reject(error)
  const running = startJobs(t, jobs, { onError })
  await all.promise
  await running.close()
  expect(done).toEqual(new Set(names))
})

test('closing waits for the jobs that work, and begins none that waited for its turn', async () => {
  await using t = await testEconomy()
  const begun: string[] = []
  const working = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const jobs = Array.from({ length: JOBS_AT_ONCE + 2 }, (_, no): Job<Scope> => {
    const name = `test.${no}`
    const run = async () => {
      begun.push(name)
      if (begun.length === JOBS_AT_ONCE) working.resolve()
      await finish.promise
    }
    return { name, every_ms: 5, run }
  })
  const running = startJobs(t, jobs, { onError: (_, error) => working.reject(error) })
  await working.promise
  const closing = running.close()
  finish.resolve()
  await closing
  expect(begun).toHaveLength(JOBS_AT_ONCE)
})
