// The SDK's check of a block is held against blocks that the server's own code made, which it shares nothing with.
import { createHash } from 'node:crypto'

import { expect, test } from 'vitest'

import { type Block, ProofError, verifyBlock } from '../sdk/src/verify.ts'
import { hashBlock, NO_PREVIOUS_HASH } from '../src/ledger/log/block.ts'
import { signCheckpoint } from '../src/ledger/log/checkpoint.ts'
import { formatVkey, verifierOf } from '../src/ledger/log/keys.ts'
import { keyOfSeed, ORIGIN, SIGNING_KEY } from './log-example.ts'

const vkeys = [formatVkey(verifierOf(ORIGIN, SIGNING_KEY))]
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const rootOf = (text: string) => createHash('sha256').update(text).digest()

function sealed(height: bigint, previous?: Block): Block {
  const previousHash = previous ? Buffer.from(previous.hash, 'base64') : NO_PREVIOUS_HASH
  const [root, size] = [rootOf(`root of ${height}`), (height + 1n) * 7n]
  const time = new Date('2026-08-24T00:00:00.123Z')
  const header = { height, previousHash, treeSize: size, root, time, difficulty: 0, nonce: 0n, origin: ORIGIN }
  return {
    height: `${height}`,
    hash: base64(hashBlock(header)),
    previous_hash: base64(previousHash),
    tree_size: `${size}`,
    root: base64(root),
    time: time.toISOString(),
    difficulty: '0',
    nonce: '0',
    origin: ORIGIN,
    checkpoint: signCheckpoint({ origin: ORIGIN, size, root }, [SIGNING_KEY]),
  }
}

const first = sealed(0n)
const second = sealed(1n, first)
const other = base64(rootOf('something else'))

function outcome(given: Partial<Parameters<typeof verifyBlock>[0]>): string {
  try {
    const { size } = verifyBlock({ block: second, previous: first, vkeys, ...given })
    return `head of ${size}`
  } catch (error) {
    return error instanceof ProofError ? error.code : String(error)
  }
}

test('a block that the log sealed verifies, the first one too', () => {
  expect(outcome({})).toBe('head of 14')
  expect(outcome({ block: first, previous: undefined })).toBe('head of 7')
})

test.each<[what: string, block: Partial<Block>]>([
  ['height', { height: '2' }],
  ['hash', { hash: other }],
  ['previous hash', { previous_hash: other }],
  ['size', { tree_size: '15' }],
  ['root', { root: other }],
  ['time', { time: '2026-08-24T00:00:00.124Z' }],
  ['difficulty', { difficulty: '1' }],
  ['nonce', { nonce: '1' }],
  ['origin', { origin: 'florin.example/other' }],
])('another %s is not what the hash is of', (_, changed) => {
  expect(outcome({ block: { ...second, ...changed } })).toBe('block_hash_differs')
})

test('a block follows the one before it and no other', () => {
  expect(outcome({ previous: { ...first, nonce: '1' } })).toBe('block_previous_differs')
  expect(outcome({ previous: undefined })).toBe('block_previous_differs')
  expect(outcome({ previous: second })).toBe('block_previous_differs')
})

test('a block stands under the checkpoint of its own head, signed by the log', () => {
  const stranger = signCheckpoint({ origin: ORIGIN, size: 14n, root: rootOf('root of 1') }, [keyOfSeed(32)])
  expect(outcome({ block: { ...second, checkpoint: first.checkpoint } })).toBe('checkpoint_differs')
  expect(outcome({ block: { ...second, checkpoint: stranger } })).toBe('note_unsigned')
  expect(outcome({ vkeys: [formatVkey(verifierOf(ORIGIN, keyOfSeed(32)))] })).toBe('note_unsigned')
})

test.each<Partial<Block>>([{ hash: 'AA==' }, { root: '!' }, { height: '-1' }, { nonce: '0x1' }, { time: 'now' }])(
  'what is no block is refused: %j',
  (changed) => {
    expect(outcome({ block: { ...second, ...changed } })).toBe('block_malformed')
  },
)
