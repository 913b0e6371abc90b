import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { BENCHMARKS } from '../bench/benchmarks.ts'
import { judge } from '../bench/harness.ts'
import { closedLoop, openLoop, timesOf } from '../bench/measure.ts'
import { zipf } from '../bench/random.ts'
import { hotPairs } from '../bench/workload.ts'

describe('times', () => {
  test('are given as ones that were measured: the nearest rank', () => {
    const times = Array.from({ length: 200 }, (_, i) => 200 - i)
    expect(timesOf(times)).toEqual({ p50_ms: 100, p99_ms: 198, max_ms: 200 })
    expect(timesOf([7])).toEqual({ p50_ms: 7, p99_ms: 7, max_ms: 7 })
  })
})

describe('a closed loop', () => {
  test('counts what its callers did, and none of it during the warm-up', async () => {
    let calls = 0
    const call = async () => {
      calls++
      await new Promise((resolve) => setTimeout(resolve, 10))
      return 3
    }
    const { operations, seconds, rate } = await closedLoop({ callers: 2, seconds: 0.2, warm_up_seconds: 0.1, call })
    expect(operations).toBeLessThan(calls * 3)
    expect(operations).toBeGreaterThan(0)
    expect(operations % 3).toBe(0)
    expect(rate).toBeCloseTo(operations / seconds, 6)
  })
})

describe('an open loop', () => {
  test('goes on asking when nothing is answered, and counts what it had to drop', async () => {
    const never = Promise.withResolvers<number>()
    const running = openLoop({ rate: 1_000, batch: 10, seconds: 0.1, waiting_max: 4, call: () => never.promise })
    setTimeout(() => never.resolve(10), 300)
    const { operations, dropped, times } = await running
    expect({ operations, dropped }).toEqual({ operations: 40, dropped: 60 })
    expect(times.max_ms).toBeGreaterThan(250)
  })
})

describe('a bar', () => {
  test.each([
    [{ at_least: 100 }, 100, true],
    [{ at_least: 100 }, 99, false],
    [{ at_most: 0 }, 1, false],
    [{ below: 25 }, 25, false],
    [{ at_least_ratio: 4 }, 400, true],
    [{ at_least_ratio: 4 }, 399, false],
  ])('of %j is held by %d entries/s beside a baseline of 100: %s', (bar, value, ok) => {
    expect(judge({ case: 'any', value, unit: 'entries/s', bars: [bar] }, 100).ok).toBe(ok)
  })

  test('that is missing judges nothing', () => {
    expect(judge({ case: 'any', value: 1, unit: 's' }, 100)).toEqual({ case: 'any', value: 1, unit: 's' })
  })
})

describe('the load', () => {
  test('is on the hot account in every second posting, as often giving as getting', () => {
    const pairs = hotPairs(10)
    const drawn = Array.from({ length: 400 }, () => pairs())
    expect(drawn.filter(([from]) => from === 0)).toHaveLength(100)
    expect(drawn.filter(([, to]) => to === 0)).toHaveLength(100)
    expect(drawn.filter(([from, to]) => from === to)).toEqual([])
  })

  test('by Zipf’s law takes the second half as often as the first', () => {
    const rank = zipf(1_000)
    const counts = [0, 0, 0]
    for (let i = 0; i < 100_000; i++) counts[Math.min(rank(), 2)]!++
    expect(counts[0]! / counts[1]!).toBeCloseTo(2, 0)
    expect(counts[0]! / 100_000).toBeCloseTo(1 / 7.485, 2)
  })
})

test('docs/benchmarks.md has a place for the figures of each benchmark', async () => {
  const text = await readFile(join(import.meta.dirname, '../docs/benchmarks.md'), 'utf8')
  const places = [...text.matchAll(/<!-- figures: ([a-z-]+) -->\n[^]*?<!-- end -->/g)].map(([, name]) => name)
  expect(places).toEqual(BENCHMARKS.map(({ name }) => name))
})
