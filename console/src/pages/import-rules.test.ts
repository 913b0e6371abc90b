import { expect, test } from 'vitest'

import { hasStopped, linesPerSecond } from './import-rules.ts'

const look = (lines: number, second: number) => ({ lines, updated_at: new Date(second * 1_000).toISOString() })

test('the rate is what was read between two looks', () => {
  expect(linesPerSecond(look(2_000, 10), look(8_000, 12))).toBe(3_000)
  expect(linesPerSecond(look(2_000, 10), look(2_000, 10))).toBeUndefined()
})

test('an import that did not move for a minute has stopped', () => {
  expect(hasStopped(look(1, 10), new Date(70_000))).toBe(false)
  expect(hasStopped(look(1, 10), new Date(70_001))).toBe(true)
})
