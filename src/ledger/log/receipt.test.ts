import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { ENTRY, ENTRY_SECRETS, EVENT, ORIGIN, SIGNING_KEY, TIP } from '../../../test/log-example.ts'
import { must } from '../../core/assert.ts'
import { signCheckpoint } from './checkpoint.ts'
import { encodeAuditLeaf, hashAuditLeaf, hashEntryLeaf, redact } from './encode.ts'
import { verifierOf } from './keys.ts'
import { inclusionPath, rootOf } from './merkle.ts'
import { makeReceipts, verifyReceipt } from './receipt.ts'
import type { Receipt, ReceiptRequest } from './receipt.ts'
import { formatTlogProof } from './tlog-proof.ts'

const LEAVES = [hashAuditLeaf(EVENT), hashEntryLeaf(ENTRY), hashEntryLeaf(TIP)]
const HEAD = { origin: ORIGIN, size: 3n, root: rootOf(LEAVES) }
const NOTE = signCheckpoint(HEAD, [SIGNING_KEY])
const PROOF = formatTlogProof({ index: 1n, path: inclusionPath(LEAVES, 1), checkpoint: NOTE })
const LOG = verifierOf(ORIGIN, SIGNING_KEY)

describe('a receipt', () => {
  test('proves one posting to a reader who has the key of the log and nothing else of it', () => {
    expect(verify(receiptOf(1, { toBalance: true }))).toEqual({
      id: '019fa0df-10d2-7000-8000-000000000007',
      kind: 'distribution',
      reference: '2026-07-20',
      effectiveAt: new Date('2026-07-27T00:00:00.000Z'),
      recordedAt: new Date('2026-07-27T00:00:01.234Z'),
      postings: 3,
      no: 1,
      from: 'treasury:rewards',
      to: 'users:grace:available',
      asset: 'KTB',
      scale: 6,
      amount: 287_499_999n,
      fromLine: null,
      toLine: { version: 1n, balance: 287_499_999n },
      log: {
        index: 1n,
        checkpoint: { ...HEAD, extensions: [] },
        signedBy: [{ name: ORIGIN, id: LOG.id, time: null }],
      },
    })
  })

  test('and its proof are the ones of the documentation', () => {
    const page = readFileSync(new URL('../../../docs/log.md', import.meta.url), 'utf8')
    expect(page).toContain(`\n\`\`\`\n${PROOF}\`\`\`\n`)
    expect(page).toContain(`\n\`\`\`json\n${JSON.stringify(receiptOf(1, { toBalance: true }), null, 2)}\n\`\`\`\n`)
  })

  test('proves it as well to a reader who has the checkpoint from elsewhere', () => {
    const receipt = receiptOf(0)
    const proven = verifyReceipt({ receipt: JSON.stringify(receipt), proof: PROOF, trust: { expected: HEAD } })
    expect(proven.amount).toBe(612_500_000n)
  })

  test('proves every posting of an entry of any length', () => {
    for (const count of [1, 2, 3, 7, 64, 65]) {
      const postings = Array.from({ length: count }, (_, i) => ({ ...ENTRY.postings[0]!, amount: BigInt(i + 1) }))
      const entry = { ...ENTRY, postings }
      const leaf = hashEntryLeaf(entry)
      const checkpoint = signCheckpoint({ origin: ORIGIN, size: 1n, root: leaf }, [SIGNING_KEY])
      const proof = formatTlogProof({ index: 0n, path: [], checkpoint })
      for (const [no, { amount }] of postings.entries()) {
        const receipt = JSON.stringify(makeReceipts({ entry, postings: [no] })[0])
        expect(verifyReceipt({ receipt, proof, trust: { log: LOG } })).toMatchObject({ no, amount, postings: count })
      }
    }
  })

  test('shows metadata and actor only when they are asked for', () => {
    const { metadata, actor } = ENTRY_SECRETS
    const plain = JSON.stringify(receiptOf(1))
    expect(plain).not.toContain('première')
    expect(plain).not.toContain('job:distribute')
    expect(verify(receiptOf(1, { metadata: true }))).toMatchObject({ metadata })
    expect(verify(receiptOf(1, { actor: true }))).toMatchObject({ actor })
    expect(verify(receiptOf(1))).not.toHaveProperty('metadata')
  })

  test('proves that an entry was recorded without metadata and actor', () => {
    const [receipt] = makeReceipts({
      entry: TIP,
      postings: [0],
      disclose: { toBalance: true, metadata: true, actor: true },
    })
    const proof = formatTlogProof({ index: 2n, path: inclusionPath(LEAVES, 2), checkpoint: NOTE })
    const proven = verifyReceipt({ receipt: JSON.stringify(receipt), proof, trust: { log: LOG } })
    expect(proven).toMatchObject({
      metadata: null,
      actor: null,
      toLine: { balance: -99_999_999_999_999_999_999_999_999n },
    })
  })

  test('shows the balance of an account only when it is asked for', () => {
    expect(verify(receiptOf(1))).toMatchObject({ fromLine: null, toLine: null })
    const fromLine = { version: 43n, balance: 100_000_001n }
    expect(verify(receiptOf(1, { fromBalance: true }))).toMatchObject({ fromLine, toLine: null })
  })

  // What the pool holds after Grace's reward is the reward of the one after her.
  test('holds nothing of the other postings, nor anything from which their salts could be made', () => {
    const { postingKey } = redact(ENTRY_SECRETS)
    const text = JSON.stringify(receiptOf(1, { toBalance: true, metadata: true, actor: true }))
    const secrets = ['users:ada', 'édouard', '612500000', '100000001', base64(ENTRY_SECRETS.salt), base64(postingKey)]
    for (const secret of secrets) expect(text).not.toContain(secret)
  })

  test('can still be made when metadata and actor were erased, but no longer shows them', () => {
    const entry = { ...ENTRY, secrets: redact(ENTRY_SECRETS) }
    expect(makeReceipts({ entry, postings: [2] })[0]).toEqual(receiptOf(2))
    expect(() => makeReceipts({ entry, postings: [2], disclose: { actor: true } })).toThrow(
      expect.objectContaining({ code: 'entry_redacted' }),
    )
  })
})

describe('a tampered receipt is refused', () => {
  const receipt = receiptOf(1, { toBalance: true, metadata: true, actor: true })
  const { posting, metadata, actor } = receipt
  const toLine = { version: '1', balance: '287499999', salt: 'Gb9DRNxPiSK/KaGL5rUnZA==' }
  const otherSalt = base64(Buffer.alloc(16))
  const otherHash = base64(Buffer.alloc(32))
  const withPosting = (change: Partial<Receipt['posting']>) => ({ ...receipt, posting: { ...posting, ...change } })

  test.each([
    ['another format', { ...receipt, format: 'florin-receipt@v2' }, 'receipt_malformed'],
    ['a field more', { ...receipt, note: 'paid' }, 'receipt_malformed'],
    ['a field of the posting more', { ...receipt, posting: { ...posting, memo: 'x' } }, 'receipt_malformed'],
    ['no posting', { ...receipt, posting: undefined }, 'receipt_malformed'],
    ['an amount with a leading zero', withPosting({ amount: '0287499999' }), 'receipt_malformed'],
    ['a negative amount', withPosting({ amount: '-287499999' }), 'receipt_malformed'],
    ['a balance of minus zero', withPosting({ to_line: { ...toLine, balance: '-0' } }), 'receipt_malformed'],
    ['a salt of another length', withPosting({ salt: 'AAAA' }), 'receipt_malformed'],
    ['half a character', withPosting({ to: 'users:\ud800' }), 'receipt_malformed'],
    ['a leaf that is not base64', { ...receipt, leaf: `${receipt.leaf}!` }, 'receipt_malformed'],
    [
      'a leaf that runs on',
      { ...receipt, leaf: base64(Buffer.concat([leafData(), Buffer.alloc(1)])) },
      'leaf_malformed',
    ],
    ['an audit event', { ...receipt, leaf: base64(encodeAuditLeaf(EVENT)) }, 'leaf_not_an_entry'],
    ['another posting number', withPosting({ no: 0 }), 'posting_not_in_entry'],
    ['a posting number beyond the last', withPosting({ no: 3 }), 'proof_malformed'],
    ['another posting salt', withPosting({ salt: otherSalt }), 'posting_not_in_entry'],
    ['another from', withPosting({ from: 'treasury:reward' }), 'posting_not_in_entry'],
    ['another to', withPosting({ to: 'users:mallory:available' }), 'posting_not_in_entry'],
    ['another asset', withPosting({ asset: 'EUR' }), 'posting_not_in_entry'],
    ['another scale', withPosting({ scale: 5 }), 'posting_not_in_entry'],
    ['another amount', withPosting({ amount: '287500000' }), 'posting_not_in_entry'],
    ['another line of from', withPosting({ from_line: { digest: otherHash } }), 'posting_not_in_entry'],
    ['a line of from of another length', withPosting({ from_line: { digest: otherSalt } }), 'receipt_malformed'],
    ['half a line of from', withPosting({ from_line: { ...toLine, digest: otherHash } }), 'receipt_malformed'],
    ['another version of to', withPosting({ to_line: { ...toLine, version: '2' } }), 'posting_not_in_entry'],
    ['another balance of to', withPosting({ to_line: { ...toLine, balance: '287500000' } }), 'posting_not_in_entry'],
    ['another salt of to', withPosting({ to_line: { ...toLine, salt: otherSalt } }), 'posting_not_in_entry'],
    ['another path', { ...receipt, path: [otherHash, ...receipt.path.slice(1)] }, 'posting_not_in_entry'],
    ['a path turned round', { ...receipt, path: receipt.path.toReversed() }, 'posting_not_in_entry'],
    ['a shorter path', { ...receipt, path: receipt.path.slice(1) }, 'proof_malformed'],
    ['a longer path', { ...receipt, path: [...receipt.path, otherHash] }, 'proof_malformed'],
    ['a path of other lengths', { ...receipt, path: ['AAAA', ...receipt.path.slice(1)] }, 'proof_malformed'],
    ['other metadata', { ...receipt, metadata: { ...metadata, value: {} } }, 'metadata_differs'],
    ['no metadata', { ...receipt, metadata: { ...metadata, value: null } }, 'metadata_differs'],
    ['impossible metadata', { ...receipt, metadata: { ...metadata, value: '\ud800' } }, 'metadata_invalid'],
    ['another metadata salt', { ...receipt, metadata: { ...metadata, salt: otherSalt } }, 'metadata_differs'],
    ['another actor', { ...receipt, actor: { ...actor, value: 'job:other' } }, 'actor_differs'],
    ['another actor salt', { ...receipt, actor: { ...actor, salt: otherSalt } }, 'actor_differs'],
  ])('with %s', (_, tampered, code) => {
    expect(() => verify(tampered)).toThrow(expect.objectContaining({ code }))
  })

  // The leaf holds what the receipt has no field for: id, kind, reference, times, count. Any bit of it is the log's word.
  test('with any byte of its leaf changed', () => {
    const data = leafData()
    const plain = receiptOf(1)
    for (let at = 0; at < data.length; at++) {
      const changed = Buffer.from(data)
      changed[at]! ^= 1
      expect(() => verify({ ...plain, leaf: base64(changed) }), `byte ${at}`).toThrow(
        expect.objectContaining({ name: 'AppError' }),
      )
    }
  })

  test.each([
    [
      'of another leaf',
      formatTlogProof({ index: 2n, path: inclusionPath(LEAVES, 2), checkpoint: NOTE }),
      'proof_root_differs',
    ],
    ['with another index', PROOF.replace('index 1', 'index 0'), 'proof_root_differs'],
    ['with another checkpoint size', PROOF.replace('\n3\n', '\n4\n'), 'note_signature_invalid'],
    [
      'with another root',
      PROOF.replace(`\n3\n${base64(HEAD.root)}`, `\n3\n${base64(LEAVES[0]!)}`),
      'note_signature_invalid',
    ],
    ['with another origin', PROOF.replace(`\n${ORIGIN}\n`, `\n${ORIGIN}/2\n`), 'note_signature_invalid'],
    ['without a signature', PROOF.replace('— florin', '— gulden'), 'note_unsigned'],
    ['that is empty', '', 'proof_malformed'],
  ])('with a proof %s', (_, proof, code) => {
    const text = JSON.stringify(receipt)
    expect(() => verifyReceipt({ receipt: text, proof, trust: { log: LOG } })).toThrow(
      expect.objectContaining({ code }),
    )
  })

  test('when it is no JSON, or far too long', () => {
    for (const text of ['', '{', 'null', '[]', ' '.repeat(1_000_001)]) {
      expect(() => verifyReceipt({ receipt: text, proof: PROOF, trust: { log: LOG } })).toThrow(
        expect.objectContaining({ code: 'receipt_malformed' }),
      )
    }
  })
})

function verify(receipt: unknown) {
  return verifyReceipt({ receipt: JSON.stringify(receipt), proof: PROOF, trust: { log: LOG } })
}

function receiptOf(no: number, disclose: ReceiptRequest['disclose'] = {}): Receipt {
  const [receipt] = makeReceipts({ entry: ENTRY, postings: [no], disclose })
  return must(receipt, 'One receipt a posting')
}

function leafData(): Buffer {
  return Buffer.from(receiptOf(1).leaf, 'base64')
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
