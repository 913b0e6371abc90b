// The SDK's verifier is written from docs/log.md alone: it is held against that page, the vectors of others, and the
// server's own, which it shares no code with.
import { readFileSync } from 'node:fs'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { checkConsistency, leafHash, rootOf as rootFrom } from '../sdk/src/merkle.ts'
import { openCheckpoint, ProofError, verifyConsistency, verifyEventReceipt, verifyReceipt } from '../sdk/src/verify.ts'
import { signCheckpoint } from '../src/ledger/log/checkpoint.ts'
import { encodeEntryLeaf, hashAuditLeaf, hashEntryLeaf } from '../src/ledger/log/encode.ts'
import { makeEventReceipt, verifyEventReceipt as verifyOnServer } from '../src/ledger/log/event-receipt.ts'
import { formatVkey, verifierOf } from '../src/ledger/log/keys.ts'
import { inclusionPath, rootOf } from '../src/ledger/log/merkle.ts'
import { makeReceipts } from '../src/ledger/log/receipt.ts'
import { formatTlogProof } from '../src/ledger/log/tlog-proof.ts'
import { ENTRY, EVENT, keyOfSeed, ORIGIN, SIGNING_KEY, TIP } from './log-example.ts'
import * as rfc from './rfc9162.ts'

const PAGE = readFileSync(new URL('../docs/log.md', import.meta.url), 'utf8')
const RECEIPT = /```json\n(\{\n {2}"format"[\s\S]*?)\n```/.exec(PAGE)?.[1] ?? ''
const PROOF = /```\n(c2sp\.org\/tlog-proof@v1\n[\s\S]*?)```/.exec(PAGE)?.[1] ?? ''
const [EVENT_PROOF, EVENT_RECEIPT] = [
  /```\n(c2sp\.org\/tlog-proof@v1\nindex 0\n[\s\S]*?)```/.exec(PAGE)?.[1] ?? '',
  /```json\n(\{\n {2}"format": "florin-event-receipt@v1"[\s\S]*?)\n```/.exec(PAGE)?.[1] ?? '',
]
const VKEY = /```\n(florin\.example\/wiki\+[^\n]+)\n```/.exec(PAGE)?.[1] ?? ''

const refused = (work: () => unknown): string => {
  try {
    work()
    return 'accepted'
  } catch (error) {
    return error instanceof ProofError ? error.code : String(error)
  }
}
const hex = (text: string) => Buffer.from(text, 'hex')
const bytes = (data: Uint8Array) => Buffer.from(data).toString('hex')

describe('the worked example of the documentation', () => {
  test('is accepted, and says what it proves', () => {
    expect(verifyReceipt({ receipt: RECEIPT, proof: PROOF, vkeys: [VKEY] })).toMatchObject({
      entry: {
        id: '019fa0df-10d2-7000-8000-000000000007',
        kind: 'distribution',
        reference: '2026-07-20',
        recorded_at: new Date('2026-07-27T00:00:01.234Z'),
        postings_count: 3,
      },
      posting: {
        no: 1,
        to: 'users:grace:available',
        amount: 287_499_999n,
        from_line: null,
        to_line: { version: 1n, balance: 287_499_999n },
      },
      position: 1n,
      checkpoint: { origin: ORIGIN, size: 3n },
    })
  })

  test('is refused for every letter that is changed in it', () => {
    const letters = (text: string) => [...text.matchAll(/[A-Za-z0-9+/]/g)].map(({ index }) => index)
    const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === 'B' ? 'C' : 'B') + text.slice(at + 1)
    const ends = PROOF.lastIndexOf('— ')
    for (const at of letters(RECEIPT)) {
      expect(
        refused(() => verifyReceipt({ receipt: flip(RECEIPT, at), proof: PROOF, vkeys: [VKEY] })),
        `${at}`,
      ).not.toBe('accepted')
    }
    for (const at of letters(PROOF).filter((place) => place < ends)) {
      expect(
        refused(() => verifyReceipt({ receipt: RECEIPT, proof: flip(PROOF, at), vkeys: [VKEY] })),
        `${at}`,
      ).not.toBe('accepted')
    }
  })

  test.each([
    ['nothing is trusted', {}, 'trust_missing'],
    ['another key is trusted', { vkeys: [formatVkey(verifierOf(ORIGIN, keyOfSeed(32)))] }, 'note_unsigned'],
    ['a key is no key', { vkeys: [VKEY.replace('410b5c3e', '410b5c3f')] }, 'vkey_invalid'],
    [
      'another checkpoint is expected',
      { expected: signCheckpoint({ origin: ORIGIN, size: 3n, root: rootOf([]) }, [SIGNING_KEY]) },
      'checkpoint_differs',
    ],
  ])('is refused where %s', (_, trust, code) => {
    expect(refused(() => verifyReceipt({ receipt: RECEIPT, proof: PROOF, ...trust }))).toBe(code)
  })

  test('is refused with a field more, a number spelled otherwise, or another posting’s place', () => {
    const receipt = JSON.parse(RECEIPT)
    const altered = (posting: object, more: object = {}) =>
      refused(() =>
        verifyReceipt({
          receipt: JSON.stringify({ ...receipt, ...more, posting: { ...receipt.posting, ...posting } }),
          proof: PROOF,
          vkeys: [VKEY],
        }),
      )
    expect(altered({}, { note: 'trust me' })).toBe('receipt_malformed')
    expect(altered({ amount: '0287499999' })).toBe('receipt_malformed')
    expect(altered({ amount: '999999999' })).toBe('posting_not_in_entry')
    expect(altered({ to: 'users:mallory:available' })).toBe('posting_not_in_entry')
    expect(altered({ no: 3 })).toBe('proof_malformed')
    expect(altered({}, { metadata: { salt: receipt.posting.salt, value: {} } })).toBe('metadata_differs')
    expect(altered({}, { actor: { salt: receipt.posting.salt, value: 'key:mallory' } })).toBe('actor_differs')
  })
})

test('what the server discloses of an entry is verified: balances, metadata, actor', () => {
  const leaves = [hashAuditLeaf(EVENT), hashEntryLeaf(ENTRY), hashEntryLeaf(TIP)]
  const note = signCheckpoint({ origin: ORIGIN, size: 3n, root: rootOf(leaves) }, [SIGNING_KEY])
  const disclose = { fromBalance: true, toBalance: true, metadata: true, actor: true }
  for (const [index, entry] of [
    [1, ENTRY],
    [2, TIP],
  ] as const) {
    const proof = formatTlogProof({ index: BigInt(index), path: inclusionPath(leaves, index), checkpoint: note })
    const postings = entry.postings.map((_, no) => no)
    for (const receipt of makeReceipts({ entry, postings, disclose })) {
      const proven = verifyReceipt({ receipt: JSON.stringify(receipt), proof, vkeys: [VKEY] })
      const { secrets } = entry
      expect(proven.actor).toBe('actor' in secrets ? secrets.actor : '')
      expect(proven.metadata).toEqual('metadata' in secrets ? secrets.metadata : '')
      expect(proven.posting.to_line?.balance).toBe(entry.postings[receipt.posting.no]!.toBalance)
    }
  }
  expect(bytes(leafHash(encodeEntryLeaf(ENTRY)))).toBe(hashEntryLeaf(ENTRY).toString('hex'))
})

describe('the vectors of transparency-dev/merkle', () => {
  const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const L = INPUTS.map((input) => leafHash(hex(input)))
  const N01 = hex('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125')
  const N23 = hex('5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e')
  const N45 = hex('0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a')
  const N67 = hex('ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0')
  const N03 = hex('d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7')
  const N46 = hex('837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e')
  const N47 = hex('6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4')
  const ROOTS: Record<number, string> = {
    1: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    2: bytes(N01),
    3: 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    4: bytes(N03),
    5: '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    6: '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    7: 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    8: '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  }
  const tree = (size: number) => ({ size: BigInt(size), root: hex(ROOTS[size]!) })

  test.each([
    [0, 1, []],
    [0, 8, [L[1]!, N23, N47]],
    [5, 8, [L[4]!, N67, N03]],
    [2, 3, [N01]],
    [1, 5, [L[0]!, N23, L[4]!]],
    [6, 7, [N45, N03]],
  ])('leaf %i of %i', (index, size, path) => {
    expect(bytes(rootFrom({ index: BigInt(index), size: BigInt(size), leaf: L[index]!, path }))).toBe(ROOTS[size])
  })

  test.each([
    [1, 1, []],
    [1, 8, [L[1]!, N23, N47]],
    [2, 5, [N23, L[4]!]],
    [3, 7, [L[2]!, L[3]!, N01, N46]],
    [4, 7, [N46]],
    [6, 7, [N45, L[6]!, N03]],
    [6, 8, [N45, N67, N03]],
    [7, 8, [L[6]!, L[7]!, N45, N03]],
  ])('from %i to %i', (m, n, proof) => {
    checkConsistency({ from: tree(m), to: tree(n), proof })
    expect(refused(() => checkConsistency({ from: tree(m), to: tree(n), proof: [...proof, N01] }))).toBe(
      'proof_malformed',
    )
    if (m < n)
      expect(refused(() => checkConsistency({ from: tree(m), to: { size: BigInt(n), root: N01 }, proof }))).toBe(
        'proof_root_differs',
      )
  })

  test('sizes beyond 32 bits are told apart', () => {
    const size = 2n ** 32n + 5n
    expect(refused(() => rootFrom({ index: 2n ** 32n, size, leaf: N01, path: [N01] }))).toBe('proof_malformed')
  })
})

test('of every pair of sizes the proofs by the RFC’s definition are accepted', () => {
  const leaves = Array.from({ length: 40 }, (_, i) => Buffer.from(leafHash(Uint8Array.of(i))))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), (n, a, b) => {
      const index = a % n
      const m = 1 + (b % n)
      const root = rootOf(leaves.slice(0, n))
      const path = rfc.path(index, leaves.slice(0, n))
      expect(bytes(rootFrom({ index: BigInt(index), size: BigInt(n), leaf: leaves[index]!, path }))).toBe(bytes(root))
      const from = { size: BigInt(m), root: rootOf(leaves.slice(0, m)) }
      checkConsistency({ from, to: { size: BigInt(n), root }, proof: rfc.proof(m, leaves.slice(0, n)) })
    }),
  )
})

test('two checkpoints of one log are shown to continue one another, or not', () => {
  const leaves = Array.from({ length: 7 }, (_, i) => Buffer.from(leafHash(Uint8Array.of(i))))
  const note = (size: number) =>
    signCheckpoint({ origin: ORIGIN, size: BigInt(size), root: rootOf(leaves.slice(0, size)) }, [SIGNING_KEY])
  const proof = rfc.proof(3, leaves).map((hash) => Buffer.from(hash).toString('base64'))
  expect(verifyConsistency({ older: note(3), newer: note(7), proof, vkeys: [VKEY] }).to.size).toBe(7n)
  expect(refused(() => verifyConsistency({ older: note(4), newer: note(7), proof, vkeys: [VKEY] }))).toBe(
    'proof_malformed',
  )
  const forged = signCheckpoint({ origin: ORIGIN, size: 7n, root: rootOf(leaves.toReversed()) }, [SIGNING_KEY])
  expect(refused(() => verifyConsistency({ older: note(3), newer: forged, proof, vkeys: [VKEY] }))).toBe(
    'proof_root_differs',
  )
  expect(refused(() => openCheckpoint(note(3).replace('\n3\n', '\n4\n'), [VKEY]))).toBe('note_signature_invalid')
})

describe('the audit event of the documentation', () => {
  const verify = (receipt: object, proof = EVENT_PROOF) =>
    refused(() => verifyEventReceipt({ receipt: JSON.stringify(receipt), proof, vkeys: [VKEY] }))
  const receipt = JSON.parse(EVENT_RECEIPT)
  const withLeaf = (text: string, other: string) => {
    const leaf = Buffer.from(receipt.leaf, 'base64').toString('latin1')
    return { ...receipt, leaf: Buffer.from(leaf.replace(text, other), 'latin1').toString('base64') }
  }

  test('is accepted, and says what it proves', () => {
    const proven = verifyEventReceipt({ receipt: EVENT_RECEIPT, proof: EVENT_PROOF, vkeys: [VKEY] })
    expect(proven).toMatchObject({
      event: { action: 'parameter.set', subject: 'weekly_pool', at: new Date('2026-07-20T09:00:00.000Z') },
      actor: 'key:founder',
      diff: { from: null, to: '1000.000000' },
      position: 0n,
      checkpoint: { origin: ORIGIN, size: 3n },
    })
  })

  test('shows neither actor nor change where they are kept back', () => {
    const { actor: _, diff: __, ...plain } = receipt
    const proven = verifyEventReceipt({ receipt: JSON.stringify(plain), proof: EVENT_PROOF, vkeys: [VKEY] })
    expect(proven).not.toHaveProperty('actor')
    expect(proven).not.toHaveProperty('diff')
  })

  test('is refused for every letter that is changed in it', () => {
    for (const { index } of EVENT_RECEIPT.matchAll(/[A-Za-z0-9+/]/g)) {
      const letter = EVENT_RECEIPT[index] === 'B' ? 'C' : 'B'
      const altered = EVENT_RECEIPT.slice(0, index) + letter + EVENT_RECEIPT.slice(index + 1)
      const code = refused(() => verifyEventReceipt({ receipt: altered, proof: EVENT_PROOF, vkeys: [VKEY] }))
      expect(code, `${index}`).not.toBe('accepted')
    }
  })

  test.each([
    ['another action', withLeaf('parameter.set', 'parameter.get'), 'proof_root_differs'],
    ['another subject', withLeaf('weekly_pool', 'weekly_fool'), 'proof_root_differs'],
    ['another time', withLeaf('\xea\x80\x9a', '\xea\x81\x9a'), 'proof_root_differs'],
    ['another actor', { ...receipt, actor: { ...receipt.actor, value: 'key:other' } }, 'actor_differs'],
    ['no actor', { ...receipt, actor: { ...receipt.actor, value: null } }, 'actor_differs'],
    ['another change', { ...receipt, diff: { ...receipt.diff, value: { from: null, to: '1' } } }, 'diff_differs'],
    ['no change', { ...receipt, diff: { ...receipt.diff, value: null } }, 'diff_differs'],
    ['another salt', { ...receipt, diff: { ...receipt.diff, salt: receipt.actor.salt } }, 'diff_differs'],
    ['a field more', { ...receipt, note: 'x' }, 'receipt_malformed'],
    ['the format of postings', { ...receipt, format: 'florin-receipt@v1' }, 'receipt_malformed'],
    ['the leaf of an entry', { ...receipt, leaf: JSON.parse(RECEIPT).leaf }, 'leaf_not_an_event'],
    ['a leaf that ends early', { ...receipt, leaf: receipt.leaf.slice(0, -4) }, 'leaf_malformed'],
  ])('is refused with %s', (_, altered, code) => {
    expect(verify(altered)).toBe(code)
  })

  test.each([
    ['at another position', EVENT_PROOF.replace('index 0', 'index 1'), 'proof_root_differs'],
    ['at a position beyond the tree', EVENT_PROOF.replace('index 0', 'index 3'), 'proof_malformed'],
    ['by the proof of another leaf', PROOF, 'proof_root_differs'],
    ['under another head', EVENT_PROOF.replace('\n3\n', '\n2\n'), 'note_signature_invalid'],
  ])('is refused %s', (_, proof, code) => {
    expect(verify(receipt, proof)).toBe(code)
  })

  test('is what the server makes, which accepts it too', () => {
    expect(makeEventReceipt({ event: EVENT, disclose: { actor: true, diff: true } })).toEqual(receipt)
    const trust = { log: verifierOf(ORIGIN, SIGNING_KEY) }
    expect(verifyOnServer({ receipt: EVENT_RECEIPT, proof: EVENT_PROOF, trust })).toMatchObject({
      action: 'parameter.set',
      actor: 'key:founder',
      diff: { to: '1000.000000' },
      log: { index: 0n },
    })
  })
})
