import { expect, test } from 'vitest'

import { type Job, spanOf, standingOf } from './jobs-rules.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 5, 0, 0, second))
const job = (of: Partial<Job>): Job => ({
  name: 'holds',
  every_ms: 60_000,
  running: false,
  last_run_at: at(0).toISOString(),
  last_failed_at: null,
  last_error: null,
  due_at: at(60).toISOString(),
  ...of,
})

test('a job is well until a whole round of it is missing, and then late', () => {
  expect(standingOf(job({}), at(30))).toBe('well')
  expect(standingOf(job({}), at(120))).toBe('well')
  expect(standingOf(job({}), at(121))).toBe('late')
  expect(standingOf(job({ every_ms: 1_000, due_at: at(1).toISOString() }), at(31))).toBe('well')
})

test('a job that failed last says so, and one that has run since does not', () => {
  const failed = { last_failed_at: at(0).toISOString(), last_error: 'no' }
  expect(standingOf(job(failed), at(30))).toBe('failed')
  expect(standingOf(job({ ...failed, last_run_at: at(9).toISOString() }), at(30))).toBe('well')
})

test('a job that has not run yet waits, and one that runs is not late', () => {
  expect(standingOf(job({ last_run_at: null, due_at: null }), at(30))).toBe('waiting')
  expect(standingOf(job({ running: true }), at(900))).toBe('running')
})

test('a span is said in its two largest units', () => {
  expect(spanOf(90_000)).toBe('1 minute 30 seconds')
  expect(spanOf(86_400_000)).toBe('1 day')
  expect(spanOf(90_061_000)).toBe('1 day 1 hour')
  expect(spanOf(250)).toBe('less than a second')
})
