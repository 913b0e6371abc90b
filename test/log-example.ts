import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

import { serialUuidBytes } from '../src/core/id.ts'
import type { EntrySecrets, LoggedEntry, LoggedEvent, LoggedPosting } from '../src/ledger/log/encode.ts'

// A log of three leaves in which everything is fixed: the worked example of docs/log.md, whose bytes may never change.

export const ORIGIN = 'florin.example/wiki'

/** The Ed25519 key whose seed is the bytes `first`, `first` + 1, … (RFC 8410 says how a seed becomes PKCS #8). */
export function keyOfSeed(first: number): KeyObject {
  const seed = Buffer.from(Array.from({ length: 32 }, (_, i) => first + i))
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
}

export const SIGNING_KEY = keyOfSeed(0)

export const EVENT: LoggedEvent = {
  uuid: serialUuidBytes(1n, new Date('2026-07-20T09:00:00.000Z')),
  action: 'parameter.set',
  subject: 'weekly_pool',
  at: new Date('2026-07-20T09:00:00.000Z'),
  secrets: {
    salt: Buffer.from('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 'hex'),
    actor: 'key:founder',
    diff: { from: null, to: '1000.000000' },
  },
}

export const ENTRY_SECRETS: EntrySecrets = {
  salt: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
  metadata: { week: '2026-07-20', share: 0.6125, participants: 3, note: 'première' },
  actor: 'job:distribute',
}

/** A week's distribution: three rewards out of one pool, in one entry. */
export const ENTRY: LoggedEntry = {
  uuid: serialUuidBytes(7n, new Date('2026-07-27T00:00:01.234Z')),
  kind: 'distribution',
  reference: '2026-07-20',
  effectiveAt: new Date('2026-07-27T00:00:00.000Z'),
  recordedAt: new Date('2026-07-27T00:00:01.234Z'),
  postings: [
    reward({ to: 'users:ada:available', amount: 612_500_000n, poolAfter: 387_500_000n, version: 42n, toVersion: 9n }),
    reward({ to: 'users:grace:available', amount: 287_499_999n, poolAfter: 100_000_001n, version: 43n, toVersion: 1n }),
    reward({ to: 'users:édouard:available', amount: 100_000_001n, poolAfter: 0n, version: 44n, toVersion: 3n }),
  ],
  secrets: ENTRY_SECRETS,
}

export const TIP: LoggedEntry = {
  uuid: serialUuidBytes(8n, new Date('2026-07-27T08:30:00.000Z')),
  kind: 'tip',
  reference: null,
  effectiveAt: new Date('2026-07-27T08:30:00.000Z'),
  recordedAt: new Date('2026-07-27T08:30:00.000Z'),
  postings: [
    {
      from: 'users:ada:available',
      to: 'world:cash',
      asset: 'KTB',
      scale: 6,
      amount: 1n,
      fromVersion: 10n,
      fromBalance: 612_499_999n,
      toVersion: 1n,
      toBalance: -99_999_999_999_999_999_999_999_999n,
    },
  ],
  secrets: { salt: Buffer.from('0f0e0d0c0b0a09080706050403020100', 'hex'), metadata: null, actor: null },
}

function reward(figures: { to: string; amount: bigint; poolAfter: bigint; version: bigint; toVersion: bigint }) {
  const posting: LoggedPosting = {
    from: 'treasury:rewards',
    to: figures.to,
    asset: 'KTB',
    scale: 6,
    amount: figures.amount,
    fromVersion: figures.version,
    fromBalance: figures.poolAfter,
    toVersion: figures.toVersion,
    toBalance: figures.amount,
  }
  return posting
}
