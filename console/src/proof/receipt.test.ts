import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { type Receipt, verifyReceipt } from './receipt.ts'

/** The worked example of docs/log.md, section 12: what is printed there is what the page verifies. */
const document = readFileSync(join(import.meta.dirname, '../../../docs/log.md'), 'utf8')
const receipt = JSON.parse(/```json\n([\s\S]*?)```/.exec(document)?.[1] ?? '') as Receipt
const tlogProof = /```\n(c2sp\.org\/tlog-proof@v1[\s\S]*?)```/.exec(document)?.[1] ?? ''
const vkeys = [/```\n(\S+\+[0-9a-f]{8}\+\S+)\n```/.exec(document)?.[1] ?? '']

const outcome = async (given: Partial<Parameters<typeof verifyReceipt>[0]>) =>
  (await verifyReceipt({ receipt, tlogProof, vkeys, ...given })).map(({ holds }) => holds)

test('the example of the documents verifies', async () => {
  expect(await outcome({})).toEqual([true, true, true])
})

test('another amount is no posting of that entry', async () => {
  const posting = { ...receipt.posting, amount: '287500000' }
  expect(await outcome({ receipt: { ...receipt, posting } })).toEqual([false, true, true])
})

test('another balance is no posting of that entry', async () => {
  const posting = { ...receipt.posting, to_line: { ...receipt.posting.to_line, balance: '1' } } as Receipt['posting']
  expect(await outcome({ receipt: { ...receipt, posting } })).toEqual([false, true, true])
})

test('another leaf is not in the tree', async () => {
  const leaf = receipt.leaf.replace('GRpc3Ry', 'GRpc3Rx')
  expect(leaf).not.toBe(receipt.leaf)
  expect(await outcome({ receipt: { ...receipt, leaf } })).toEqual([true, false, true])
})

test('another place in the tree leads elsewhere', async () => {
  expect(await outcome({ tlogProof: tlogProof.replace('index 1', 'index 0') })).toEqual([true, false, true])
})

test('a head of another size is not signed', async () => {
  expect((await outcome({ tlogProof: tlogProof.replace('\n3\n', '\n4\n') }))[2]).toBe(false)
})

test('a key of another log has signed nothing', async () => {
  const other = vkeys.map((vkey) => vkey.replace('florin.example', 'other.example'))
  expect(await outcome({ vkeys: other })).toEqual([true, true, false])
})
