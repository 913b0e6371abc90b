import type { KeyObject } from 'node:crypto'

import type { Clock } from '../../core/clock.ts'
import type { Db, Tx } from '../../core/db.ts'
import { compareWithOutside, type Standing } from './fork.ts'
import { lastBlock } from './head.ts'
import { formatVkey, type Verifier, verifierOf } from './keys.ts'
import { keepOutside } from './outside.ts'
import { Sealer } from './sealer.ts'
import { signersOf, signingKeys } from './signing-key.ts'

/**
 * The log of an economy, ready to seal: its keys from the file `signingKey` (made when there is none), and how it stands
 * to what was kept in the folder `checkpoints`. A log that is `behind` must not be sealed nor posted to (see fork.ts).
 * Fails: signing_key_invalid, and as `openNote` when what lies outside was not signed by these keys.
 */
export async function openLog(db: Db, { signingKey, checkpoints, clock }: OpenLog): Promise<Log> {
  const keys = await signingKeys(signingKey)
  const standing = await compareWithOutside(db, { folder: checkpoints, keys })
  const head = await lastBlock(db)
  // A crash between commit and writing, or a restored data folder, leaves the folder behind the database: catch up.
  if (head && standing.state === 'whole') await keepOutside(checkpoints, head)
  const verifiers = await verifiersOf(db, keys)
  const sealer = new Sealer({ db, keys: signersOf(keys), clock, publish: (block) => keepOutside(checkpoints, block) })
  return { sealer, standing, keys, verifiers, vkeys: verifiers.map(formatVkey) }
}

/** Begins an empty log under the name `origin`. */
export async function startLog(tx: Tx, { origin }: { origin: string }): Promise<void> {
  await tx.insertInto('ledger.log').values({ origin }).execute()
}

export interface Log {
  sealer: Sealer
  standing: Standing
  keys: readonly KeyObject[]
  /** For every origin that the log ever had, each key. */
  verifiers: readonly Verifier[]
  vkeys: readonly string[]
}

export interface OpenLog {
  signingKey: string
  checkpoints: string
  clock: Clock
}

async function verifiersOf(db: Db, keys: readonly KeyObject[]): Promise<Verifier[]> {
  const { origin } = await db.selectFrom('ledger.log').select('origin').executeTakeFirstOrThrow()
  const rows = await db.selectFrom('ledger.block').select('origin').distinct().execute()
  const origins = new Set([origin, ...rows.map((row) => row.origin)])
  return [...origins].flatMap((name) => keys.map((key) => verifierOf(name, key)))
}
