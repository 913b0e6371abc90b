import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { readIfThere, writeDurably } from '../core/durable-file.ts'
import { Unavailable } from '../core/errors.ts'
import { type Secret, secret } from '../core/secret.ts'

/**
 * What the services' database passwords derive from: `given` (FLORIN_SECRET), or the key file in the data folder, which
 * is made on first use. Who loses it loses nothing: the passwords are set anew when an economy is opened.
 * Fails: installation_key_invalid.
 */
export async function installationSecret({ data, given }: { data: string; given?: Secret }): Promise<Secret> {
  if (given) return given
  const path = installationKeyFile(data)
  const key = (await readIfThere(path)) ?? (await createKey(path))
  if (!/^[0-9a-f]{64}\n$/.test(key)) {
    throw new Unavailable(
      'installation_key_invalid',
      `${path} is damaged. Put back the right file, or delete it for a new key.`,
    )
  }
  return secret(key.trim())
}

export function installationKeyFile(data: string): string {
  return join(data, 'keys', 'installation.key')
}

/** Of several that start at once, one makes the file, and all read what it wrote. */
async function createKey(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const fresh = `${path}.${randomBytes(4).toString('hex')}`
  await writeDurably(fresh, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
  try {
    await link(fresh, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(fresh)
  }
  return await readFile(path, 'utf8')
}
