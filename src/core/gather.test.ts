import { expect, test } from 'vitest'

import { gather } from './gather.ts'

/** Answers with ten times the key, once told to. */
function told() {
  const asked: { keys: readonly number[]; answer: () => void; fail: () => void }[] = []
  const look = async (keys: readonly number[]) => {
    const gate = Promise.withResolvers<void>()
    asked.push({ keys, answer: gate.resolve, fail: () => gate.reject(new Error('no database')) })
    await gate.promise
    return new Map(keys.filter((key) => key > 0).map((key) => [key, key * 10]))
  }
  return { asked, find: gather(look) }
}

test('whoever asks first is looked up alone and at once, and all who ask meanwhile together', async () => {
  const { asked, find } = told()
  const first = find(1)
  const others = [find(2), find(3), find(2), find(-1)]
  expect(asked.map(({ keys }) => keys)).toEqual([[1]])
  asked[0]!.answer()
  expect(await first).toBe(10)
  expect(asked.map(({ keys }) => keys)).toEqual([[1], [2, 3, -1]])
  asked[1]!.answer()
  expect(await Promise.all(others)).toEqual([20, 30, 20, undefined])
})

test('nobody is answered with what was read before they asked', async () => {
  const { asked, find } = told()
  const first = find(1)
  const second = find(1)
  asked[0]!.answer()
  await first
  expect(asked).toHaveLength(2)
  asked[1]!.answer()
  expect(await second).toBe(10)
})

test('a statement that fails fails for those who waited for it, and the next one is made', async () => {
  const { asked, find } = told()
  const first = find(1)
  const second = find(2)
  asked[0]!.fail()
  await expect(first).rejects.toThrow('no database')
  asked[1]!.answer()
  expect(await second).toBe(20)
})
