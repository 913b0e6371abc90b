import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

import type { Secret } from './secret.ts'

/**
 * Keeps secrets that must be read again, such as those that webhooks are signed with, so that the database alone does not
 * give them away: AES-256-GCM under a key made from the installation's secret, for one `purpose` and bound to the row that
 * holds it (`of`). `open` answers undefined to what another installation closed, or somebody altered.
 */
export function secretBox(installation: Secret, purpose: string): SecretBox {
  const key = Buffer.from(hkdfSync('sha256', installation.reveal(), '', `florin ${purpose} v1`, 32))
  return {
    close(plain, of) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(of))
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    open(closed, of) {
      const nonce = closed.subarray(0, NONCE_BYTES)
      const text = closed.subarray(NONCE_BYTES, -TAG_BYTES)
      try {
        const cipher = createDecipheriv('aes-256-gcm', key, nonce)
        cipher.setAAD(Buffer.from(of)).setAuthTag(closed.subarray(-TAG_BYTES))
        return Buffer.concat([cipher.update(text), cipher.final()])
      } catch {
        return undefined
      }
    },
  }
}

export interface SecretBox {
  close(plain: Buffer, of: string): Buffer
  open(closed: Buffer, of: string): Buffer | undefined
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
