import { randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { link, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

import { record } from '../../core/audit.ts'
import type { Tx } from '../../core/db.ts'
import { readIfThere, syncFolder, writeDurably } from '../../core/durable-file.ts'
import { formatVkey, newSigningKey, signingKeyFromPem, signingKeyToPem, verifierOf } from './keys.ts'

/**
 * The keys in the file at `path`, newest first; made when there is none, and once, whoever else is at it. They lie
 * outside the database, so that who has the database alone cannot sign. The first two sign, so that readers who only
 * know the key before follow a change; all are kept, since they verify what they signed.
 * Fails: signing_key_invalid.
 */
export async function signingKeys(path: string): Promise<KeyObject[]> {
  const known = await readIfThere(path)
  if (known !== undefined) return parseKeys(known)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(4).toString('hex')}`
  await writeDurably(draft, signingKeyToPem(newSigningKey()), { mode: 0o600 })
  try {
    // Unlike a rename this fails when somebody else was first, and then their key is the key.
    await link(draft, path)
    await syncFolder(dirname(path))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(draft)
  }
  return parseKeys(await readFile(path, 'utf8'))
}

/** The keys that sign new heads. */
export function signersOf(keys: readonly KeyObject[]): readonly KeyObject[] {
  return keys.slice(0, SIGNERS_MAX)
}

/**
 * Puts a new key in front, and says so in the log, so that readers of the old one can follow. The server must be
 * restarted to sign with it.
 */
export async function rotateSigningKey(
  tx: Tx,
  path: string,
  { actor, now }: { actor: string; now: Date },
): Promise<string> {
  const keys = await signingKeys(path)
  const { origin } = await tx.selectFrom('ledger.log').select('origin').executeTakeFirstOrThrow()
  const fresh = newSigningKey()
  const vkey = formatVkey(verifierOf(origin, fresh))
  const before = { vkeys: signersOf(keys).map((key) => formatVkey(verifierOf(origin, key))) }
  await record(tx, {
    at: now,
    actor,
    action: 'log.rotate_key',
    subject: `log:${origin}`,
    diff: { before, after: { vkey } },
  })
  await writeDurably(path, [fresh, ...keys].map(signingKeyToPem).join(''), { mode: 0o600 })
  return vkey
}

/** Puts the keys in the file `older` behind those at `path`, to verify what they signed. */
export async function keepOlderKeys(path: string, older: string): Promise<void> {
  const keys = await signingKeys(path)
  const pems = [...keys, ...(await signingKeys(older))].map(signingKeyToPem)
  await writeDurably(path, [...new Set(pems)].join(''), { mode: 0o600 })
}

const SIGNERS_MAX = 2

function parseKeys(text: string): KeyObject[] {
  return text
    .split(/(?<=-----END PRIVATE KEY-----\n)/)
    .filter((pem) => pem.trim() !== '')
    .map(signingKeyFromPem)
}
