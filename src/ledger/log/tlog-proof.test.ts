import { describe, expect, test } from 'vitest'

import { ORIGIN, SIGNING_KEY } from '../../../test/log-example.ts'
import { signCheckpoint } from './checkpoint.ts'
import { newSigningKey, verifierOf } from './keys.ts'
import { inclusionPath, leafHash, rootOf } from './merkle.ts'
import { checkTlogProof, formatTlogProof, parseTlogProof } from './tlog-proof.ts'

const LEAVES = ['a', 'b', 'c', 'd', 'e'].map((data) => leafHash(Buffer.from(data)))
const HEAD = { origin: ORIGIN, size: 5n, root: rootOf(LEAVES) }
const NOTE = signCheckpoint(HEAD, [SIGNING_KEY])
const FILE = formatTlogProof({ index: 2n, path: inclusionPath(LEAVES, 2), checkpoint: NOTE })
const LOG = verifierOf(ORIGIN, SIGNING_KEY)

test('a proof file is a header, the index, the path, and the signed checkpoint', () => {
  const [d, ab, e] = inclusionPath(LEAVES, 2).map((each) => each.toString('base64'))
  expect(FILE).toBe(`c2sp.org/tlog-proof@v1\nindex 2\n${d}\n${ab}\n${e}\n\n${NOTE}`)
  expect(parseTlogProof(FILE)).toEqual({ index: 2n, path: inclusionPath(LEAVES, 2), checkpoint: NOTE })
})

test('a log of one leaf has an empty path, and a proof may carry extra data', () => {
  const proof = { index: 0n, path: [], checkpoint: NOTE, extra: Buffer.from('beside the point') }
  expect(formatTlogProof(proof)).toBe(
    `c2sp.org/tlog-proof@v1\nextra ${proof.extra.toString('base64')}\nindex 0\n\n${NOTE}`,
  )
  expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof)
})

describe('checking', () => {
  test('shows where the log holds the leaf, to a reader who has the key of the log', () => {
    expect(checkTlogProof({ file: FILE, leaf: LEAVES[2]!, trust: { log: LOG } })).toEqual({
      index: 2n,
      checkpoint: { ...HEAD, extensions: [] },
      signedBy: [{ name: ORIGIN, id: LOG.id, time: null }],
    })
  })

  test('needs no key from a reader who has the checkpoint from elsewhere', () => {
    const logged = checkTlogProof({ file: FILE, leaf: LEAVES[2]!, trust: { expected: HEAD } })
    expect(logged).toMatchObject({ index: 2n, signedBy: [] })
  })

  test('refuses a checkpoint of another origin, size or root than the one expected', () => {
    for (const other of [{ origin: `${ORIGIN}/2` }, { size: 6n }, { root: Buffer.alloc(32) }]) {
      const trust = { log: LOG, expected: { ...HEAD, ...other } }
      expect(() => checkTlogProof({ file: FILE, leaf: LEAVES[2]!, trust })).toThrow(
        expect.objectContaining({ code: 'checkpoint_differs' }),
      )
    }
  })

  test('refuses another leaf, another index and another path', () => {
    const others = [
      { file: FILE, leaf: LEAVES[3]! },
      { file: FILE.replace('index 2', 'index 0'), leaf: LEAVES[2]! },
      { file: FILE.replace('index 2', 'index 4'), leaf: LEAVES[2]! },
      { file: FILE.replace(LEAVES[4]!.toString('base64'), LEAVES[3]!.toString('base64')), leaf: LEAVES[2]! },
    ]
    for (const other of others) {
      expect(() => checkTlogProof({ ...other, trust: { log: LOG } })).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^proof_/) }),
      )
    }
  })

  test('refuses a checkpoint that another key signed, and a reader who trusts nothing', () => {
    const stranger = verifierOf(ORIGIN, newSigningKey())
    expect(() => checkTlogProof({ file: FILE, leaf: LEAVES[2]!, trust: { log: stranger } })).toThrow(
      expect.objectContaining({ code: 'note_unsigned' }),
    )
    expect(() => checkTlogProof({ file: FILE, leaf: LEAVES[2]!, trust: {} })).toThrow(
      expect.objectContaining({ code: 'trust_missing' }),
    )
  })
})

test.each([
  ['another header', FILE.replace('@v1', '@v2')],
  ['no empty line', FILE.replaceAll('\n\n', '\n')],
  ['no index', FILE.replace('index 2\n', '')],
  ['an index with a leading zero', FILE.replace('index 2', 'index 02')],
  ['a negative index', FILE.replace('index 2', 'index -2')],
  ['a hash of another length', FILE.replace('index 2\n', 'index 2\nAAAA\n')],
  ['a hash without its padding', FILE.replace('=\n', '\n')],
  ['extra data that is not base64', FILE.replace('index 2', 'extra ?\nindex 2')],
  ['too much extra data', FILE.replace('index 2', `extra ${'A'.repeat(100_004)}\nindex 2`)],
  ['extra data in the wrong place', FILE.replace('index 2', 'index 2\nextra AAAA')],
  ['carriage returns', FILE.replaceAll('\n', '\r\n')],
  ['nothing in it', ''],
])('a proof file with %s is refused', (_, file) => {
  expect(() => parseTlogProof(file)).toThrow(expect.objectContaining({ code: 'proof_malformed' }))
})
