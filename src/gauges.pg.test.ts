import { EventEmitter, once } from 'node:events'

import { Registry } from 'prom-client'
import { expect, test } from 'vitest'

import { testLog } from '../test/log-fixture.ts'
import type { App, RunningEconomy } from './app.ts'
import { startJobs } from './core/jobs.ts'
import { registerGauges } from './gauges.ts'

test('figures tell of the log, of what waits, and of jobs that fail', async () => {
  await using t = await testLog()
  const { sealer } = await t.open()
  const ran = new EventEmitter()
  const failing = async () => await Promise.reject(new Error('no such week'))
  const jobs = startJobs(t, [{ name: 'test.fails', every_ms: 5, run: failing }], {
    onError: () => void ran.emit('failed'),
  })
  await once(ran, 'failed')
  await jobs.close()
  expect(jobs.status()).toMatchObject([{ name: 'test.fails', last_error: 'no such week', last_run_at: t.clock.now() }])

  const registry = new Registry()
  const economy = { ...t, jobs } as unknown as RunningEconomy
  registerGauges(registry, { economies: { running: async () => await Promise.resolve([economy]) } } as unknown as App)
  await t.pay(1n)
  expect(await registry.metrics()).toMatch(/florin_log_backlog\{economy="test"\} [1-9]/)
  await sealer.sealAll()
  const text = await registry.metrics()
  expect(text).toMatch(/florin_log_size\{economy="test"\} [1-9]/)
  expect(text).toContain('florin_log_backlog{economy="test"} 0')
  expect(text).toContain('florin_webhooks_pending{economy="test"} 0')
  expect(text).toContain('florin_jobs_failed{economy="test"} 1')
})
