import { readFileSync } from 'node:fs'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ENTRY, ENTRY_SECRETS, EVENT, ORIGIN, SIGNING_KEY, TIP } from '../../../test/log-example.ts'
import * as rfc from '../../../test/rfc9162.ts'
import { encodeBlockHeader, hashBlock, NO_PREVIOUS_HASH } from './block.ts'
import { signCheckpoint } from './checkpoint.ts'
import { encodeAuditLeaf, encodeEntryLeaf, hashAuditLeaf, hashEntryLeaf, hashPostings, redact } from './encode.ts'
import type { EntrySecrets, LoggedEntry, LoggedEvent, LoggedPosting } from './encode.ts'
import { formatVkey, verifierOf } from './keys.ts'
import { leafHash, rootOf } from './merkle.ts'

// Computed from docs/log.md by a second implementation, in another language, that shares nothing with this one.
const EXPECTED = {
  postingKey: 'b4867c43c57cda54d1b6fd4869b3f23c',
  metadataDigest: '7ff0e36af458c178a819e1b8b89c9e532e9f32927b049fb2d44e91fe51a807cb',
  actorDigest: '0d1e4fac1168aea1e082093a39171506be9e472ace1a4d422072bdc4ede9d612',
  posting0: '837e4d2afbd25a6e5daf085336553efbe67914941e8c2cf9c505d65002f49915',
  posting1: 'd9bf7b4c1a415ec7bb4aa7cc30f579e6da75eda2c224784ba3cb735336a8ed45',
  posting2: '9d60b90d550fda0c42437e5b5c566bc0a292647a193f2a3ebb9b0efe12c4b438',
  postingsRoot: '282faad7547fa7201160049e29439ab9a73b4107ccdd573dc5d1312b2d59cf65',
  entryLeaf:
    '0101019fa0df10d2700080000000000000070000000c646973747269627574696f6e0000000a323032362d30372d3230' +
    '0000019fa0df0c000000019fa0df10d200000003282faad7547fa7201160049e29439ab9a73b4107ccdd573dc5d1312b' +
    '2d59cf657ff0e36af458c178a819e1b8b89c9e532e9f32927b049fb2d44e91fe51a807cb0d1e4fac1168aea1e082093a' +
    '39171506be9e472ace1a4d422072bdc4ede9d612',
  auditLeaf:
    '0102019f7ec0ea80700080000000000000010000000d706172616d657465722e7365740000000b7765656b6c795f706f' +
    '6f6c0000019f7ec0ea809a83bfb6db1ec1b20f8a3ea63611ecbfab0732aacddfa6262f4c92eb6f15d4c1e8d48f15c364' +
    '76c30d71157a0b13dca6f11e89239693f98f27cac9659da2288c',
  leaf0: 'a0d7563affbb6d3e760c10b2c3016fa129a0b5430dea670f336fb169d298f55d',
  leaf1: '79cd57e3861000ef7742892c697ddd079226570d65e019ad8a061755f64cd62a',
  leaf2: '21ada6c1867a6d100f9453cb4afdf445a9b1b3896de46ee45d0828a24b45a373',
  root: 'cee8c589e47946739214ac1ad494c038a6d0810faf1830274285a816de71961c',
  block0: '65017bf500e7ccee7e658be205e743c150fbed4a1b68e8e6a8f6ed9660dda573',
  header1:
    '01000000000000000165017bf500e7ccee7e658be205e743c150fbed4a1b68e8e6a8f6ed9660dda57300000000000000' +
    '03cee8c589e47946739214ac1ad494c038a6d0810faf1830274285a816de71961c0000019fa2b1f74000000000000000' +
    '000000000000000013666c6f72696e2e6578616d706c652f77696b69',
  block1: 'c1e8ec2b852b1e84be0fdee128816094ec719a6287e9babd75f1193742a8eae3',
  vkey: 'florin.example/wiki+410b5c3e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4',
  checkpoint:
    'florin.example/wiki\n3\nzujFieR5RnOSFKwa1JTAOKbQgQ+vGDAnQoWoFt5xlhw=\n\n' +
    '— florin.example/wiki QQtcPiNSwS55fhra06fNZ/0IhZdxD540J6TiW0PAfv/iIP4J3fI+3UDmQSIoaivHgrDUz8bXnhj9mzMsFacJK7rQCA4=\n',
}

describe('the bytes of version 1 never change', () => {
  const leaves = [hashAuditLeaf(EVENT), hashEntryLeaf(ENTRY), hashEntryLeaf(TIP)]
  const root = rootOf(leaves)
  const kept = redact(ENTRY_SECRETS)
  const postings = hashPostings(ENTRY.postings, kept.postingKey)
  const sealed = { difficulty: 0, nonce: 0n, origin: ORIGIN }
  const first = {
    height: 0n,
    previousHash: NO_PREVIOUS_HASH,
    treeSize: 1n,
    root: leaves[0]!,
    time: EVENT.at,
    ...sealed,
  }
  const second = { height: 1n, previousHash: hashBlock(first), treeSize: 3n, root, time: TIP.recordedAt, ...sealed }
  const actual: Record<keyof typeof EXPECTED, string> = {
    postingKey: hex(kept.postingKey),
    metadataDigest: hex(kept.metadataDigest),
    actorDigest: hex(kept.actorDigest),
    posting0: hex(postings[0]!),
    posting1: hex(postings[1]!),
    posting2: hex(postings[2]!),
    postingsRoot: hex(rootOf(postings)),
    entryLeaf: hex(encodeEntryLeaf(ENTRY)),
    auditLeaf: hex(encodeAuditLeaf(EVENT)),
    leaf0: hex(leaves[0]!),
    leaf1: hex(leaves[1]!),
    leaf2: hex(leaves[2]!),
    root: hex(root),
    block0: hex(hashBlock(first)),
    header1: hex(encodeBlockHeader(second)),
    block1: hex(hashBlock(second)),
    vkey: formatVkey(verifierOf(ORIGIN, SIGNING_KEY)),
    checkpoint: signCheckpoint({ origin: ORIGIN, size: 3n, root }, [SIGNING_KEY]),
  }

  test.each(Object.entries(EXPECTED))('%s', (name, figure) => {
    expect(actual).toHaveProperty(name, figure)
  })

  test('and stand in the documentation', () => {
    const page = readFileSync(new URL('../../../docs/log.md', import.meta.url), 'utf8')
    // Long bytes are broken into lines of 48 there.
    const unbroken = page.replaceAll(/(?<=[0-9a-f]{96})\n(?=[0-9a-f])/g, '')
    for (const [name, figure] of Object.entries(EXPECTED)) expect(unbroken, name).toContain(figure)
  })
})

describe('the leaf of an entry', () => {
  test('hashes to what its data hashes to', () => {
    expect(hashEntryLeaf(ENTRY)).toEqual(leafHash(encodeEntryLeaf(ENTRY)))
    expect(hashAuditLeaf(EVENT)).toEqual(leafHash(encodeAuditLeaf(EVENT)))
  })

  test('is the same when metadata and actor were erased and only what redaction keeps is left', () => {
    const redacted = { ...ENTRY, secrets: redact(ENTRY_SECRETS) }
    expect(encodeEntryLeaf(redacted)).toEqual(encodeEntryLeaf(ENTRY))
  })

  test('commits to postings by the tree of RFC 9162, however many there are', () => {
    for (const count of [1, 2, 3, 8, 100]) {
      const postings = Array.from({ length: count }, (_, i) => ({ ...ENTRY.postings[0]!, amount: BigInt(i + 1) }))
      const root = rfc.treeHash(hashPostings(postings, redact(ENTRY_SECRETS).postingKey))
      expect(hex(encodeEntryLeaf({ ...ENTRY, postings }))).toContain(hex(root))
    }
  })

  test('is unlike that of an entry in which anything is different', () => {
    const { uuid, postings, effectiveAt, recordedAt } = ENTRY
    const [one, ...others] = postings
    const posting = (change: Partial<LoggedPosting>): Partial<LoggedEntry> => ({
      postings: [{ ...one!, ...change }, ...others],
    })
    const changes: Partial<LoggedEntry>[] = [
      { uuid: Buffer.from(uuid).fill(1, 15) },
      { kind: 'distributions' },
      { kind: 'distribution\0\0\0\n2026-07-20', reference: null },
      { reference: '2026-07-21' },
      { reference: null },
      { effectiveAt: new Date(effectiveAt.getTime() + 1) },
      { recordedAt: new Date(recordedAt.getTime() + 1) },
      { postings: [...others, one!] },
      { postings: others },
      { postings: [...postings, one!] },
      posting({ from: 'treasury:reward' }),
      posting({ to: 'users:ada:available:' }),
      posting({ from: one!.to, to: one!.from }),
      posting({ asset: 'ktb' }),
      posting({ scale: 7 }),
      posting({ amount: one!.amount + 1n }),
      posting({ fromVersion: 41n }),
      posting({ fromBalance: -one!.fromBalance }),
      posting({ toVersion: 1n << 62n }),
      posting({ toBalance: one!.toBalance + 1n }),
      withSecrets({ salt: Buffer.alloc(16) }),
      withSecrets({ metadata: null }),
      withSecrets({ metadata: {} }),
      withSecrets({ actor: null }),
      withSecrets({ actor: 'job:distributed' }),
    ]
    const hashes = [{}, ...changes].map((change) => hex(hashEntryLeaf({ ...ENTRY, ...change })))
    expect(new Set(hashes).size).toBe(changes.length + 1)
  })

  test('is refused where the metadata has no canonical text', () => {
    const entry = { ...ENTRY, secrets: { ...ENTRY_SECRETS, metadata: { a: '\ud800' } } }
    expect(() => hashEntryLeaf(entry)).toThrow(expect.objectContaining({ code: 'metadata_invalid' }))
  })

  test('does not depend on what was hashed before it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 9000 }), (reference) => {
        const wellFormed = reference.toWellFormed()
        hashEntryLeaf({ ...ENTRY, reference: wellFormed })
        expect(hex(hashEntryLeaf(ENTRY))).toBe(EXPECTED.leaf1)
        const data = encodeEntryLeaf({ ...ENTRY, reference: wellFormed })
        expect(data.includes(Buffer.from(wellFormed))).toBe(true)
      }),
    )
  })

  test('is not made of an entry without postings, nor with a salt or a UUID of another length', () => {
    expect(() => hashEntryLeaf({ ...ENTRY, postings: [] })).toThrow('An entry has postings')
    expect(() => hashEntryLeaf({ ...ENTRY, uuid: Buffer.alloc(15) })).toThrow('A UUID has 16 bytes')
    const salt = Buffer.alloc(17)
    expect(() => hashEntryLeaf({ ...ENTRY, secrets: { ...ENTRY_SECRETS, salt } })).toThrow('A salt has 16 bytes')
  })
})

test('the leaf of an audit event is unlike that of one in which anything is different', () => {
  const changes: Partial<LoggedEvent>[] = [
    { uuid: Buffer.alloc(16) },
    { action: 'parameter.unset' },
    { subject: 'weekly_pools' },
    { at: new Date(EVENT.at.getTime() - 1) },
    withEventSecrets({ salt: Buffer.alloc(16) }),
    withEventSecrets({ actor: null }),
    withEventSecrets({ diff: { from: null, to: '1000.000001' } }),
  ]
  const hashes = [{}, ...changes].map((change) => hex(hashAuditLeaf({ ...EVENT, ...change })))
  expect(new Set(hashes).size).toBe(changes.length + 1)
})

test('the first block has nothing before it, and hashes have 32 bytes', () => {
  const header = { height: 0n, previousHash: NO_PREVIOUS_HASH, treeSize: 1n, root: Buffer.alloc(32), time: EVENT.at }
  const rest = { difficulty: 0, nonce: 0n, origin: ORIGIN }
  expect(() => hashBlock({ ...header, ...rest, previousHash: Buffer.alloc(32, 1) })).toThrow('nothing before it')
  expect(() => hashBlock({ ...header, ...rest, root: Buffer.alloc(31) })).toThrow('A hash has 32 bytes')
})

function withSecrets(change: Partial<EntrySecrets>): Partial<LoggedEntry> {
  return { secrets: { ...ENTRY_SECRETS, ...change } }
}

function withEventSecrets(change: Partial<LoggedEvent['secrets']>): Partial<LoggedEvent> {
  return { secrets: { ...EVENT.secrets, ...change } }
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex')
}
