import { describe, expect, test } from 'vitest'

import { ENTRY, EVENT, ORIGIN, SIGNING_KEY } from '../../../test/log-example.ts'
import { encodeBase64 } from './base64.ts'
import { signCheckpoint } from './checkpoint.ts'
import { encodeAuditLeaf, encodeEntryLeaf, hashAuditLeaf, hashEntryLeaf } from './encode.ts'
import { type EventDisclosure, isEventReceipt, makeEventReceipt, verifyEventReceipt } from './event-receipt.ts'
import { verifierOf } from './keys.ts'
import { inclusionPath, rootOf } from './merkle.ts'
import { formatTlogProof } from './tlog-proof.ts'

const LEAVES = [hashAuditLeaf(EVENT), hashEntryLeaf(ENTRY)]
const NOTE = signCheckpoint({ origin: ORIGIN, size: 2n, root: rootOf(LEAVES) }, [SIGNING_KEY])
const PROOF = formatTlogProof({ index: 0n, path: inclusionPath(LEAVES, 0), checkpoint: NOTE })
const TRUST = { log: verifierOf(ORIGIN, SIGNING_KEY) }

const receiptOf = (disclose: EventDisclosure = {}) => makeEventReceipt({ event: EVENT, disclose })
const verify = (receipt: unknown, proof = PROOF) =>
  verifyEventReceipt({ receipt: JSON.stringify(receipt), proof, trust: TRUST })
const refusal = (receipt: unknown, proof?: string) => {
  try {
    verify(receipt, proof)
    return 'accepted'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

describe('the receipt of an audit event', () => {
  test('proves what was done to what and when, and of who and how as much as it discloses', () => {
    const { action, subject, at, secrets } = EVENT
    expect(verify(receiptOf())).toEqual({ id: expect.any(String), action, subject, at, log: expect.anything() })
    expect(verify(receiptOf({ actor: true }))).toMatchObject({ actor: secrets.actor })
    expect(verify(receiptOf({ actor: true, diff: true }))).toMatchObject({ actor: secrets.actor, diff: secrets.diff })
    expect(JSON.stringify(receiptOf())).not.toContain('founder')
  })

  test('is told from that of a posting by its format', () => {
    expect(isEventReceipt(JSON.stringify(receiptOf()))).toBe(true)
    expect(['', '{', 'null', '{"format":"florin-receipt@v1"}'].filter(isEventReceipt)).toEqual([])
  })

  test('is refused with another action, subject, time, actor, change or place', () => {
    const receipt = receiptOf({ actor: true, diff: true })
    const forged = (change: object) => {
      return { ...receipt, leaf: encodeBase64(encodeAuditLeaf({ ...EVENT, ...change })) }
    }
    const { actor, diff } = receipt
    expect(refusal(forged({ action: 'parameter.get' }))).toBe('proof_root_differs')
    expect(refusal(forged({ subject: 'weekly_cap' }))).toBe('proof_root_differs')
    expect(refusal(forged({ at: new Date(EVENT.at.getTime() + 1) }))).toBe('proof_root_differs')
    expect(refusal({ ...receipt, actor: { ...actor, value: 'key:other' } })).toBe('actor_differs')
    expect(refusal({ ...receipt, diff: { ...diff, value: { from: null, to: '9' } } })).toBe('diff_differs')
    expect(refusal({ ...receipt, diff: { ...diff, value: '\ud800' } })).toBe('metadata_invalid')
    expect(refusal(receipt, PROOF.replace('index 0', 'index 1'))).toBe('proof_root_differs')
  })

  // What has no field of its own is the log's word, bit for bit.
  test('is refused with any byte of its leaf changed', () => {
    const data = encodeAuditLeaf(EVENT)
    for (let at = 0; at < data.length; at++) {
      const changed = Buffer.from(data)
      changed[at]! ^= 1
      expect(refusal({ ...receiptOf(), leaf: encodeBase64(changed) }), `byte ${at}`).not.toBe('accepted')
    }
  })

  test('is not read when it is of an entry, has a field more, or is no JSON', () => {
    expect(refusal({ ...receiptOf(), leaf: encodeBase64(encodeEntryLeaf(ENTRY)) })).toBe('leaf_not_an_event')
    expect(refusal({ ...receiptOf(), note: '' })).toBe('receipt_malformed')
    expect(refusal('{')).toBe('receipt_malformed')
  })
})
