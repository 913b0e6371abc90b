import { type Bytes, fromBase64, join, same, sha256, utf8 } from './bytes.ts'

/** A signed head of the log: a C2SP checkpoint (docs/log.md, section 7). */
export interface Checkpoint {
  origin: string
  size: bigint
  root: Bytes
  text: string
  signatures: { name: string; id: Bytes; signature: Bytes }[]
}

/** Undefined where the note is none. */
export function parseCheckpoint(note: string): Checkpoint | undefined {
  const [, text = '', signed = ''] = /^([\s\S]*?\n)\n([\s\S]+)$/.exec(note) ?? []
  const [origin, size, root, ...rest] = text.split('\n')
  if (!origin || !/^(0|[1-9]\d*)$/.test(size ?? '') || !root || rest.join('') !== '') return undefined
  const signatures = signed.split('\n').flatMap((line) => {
    const [, name = '', encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? []
    const bytes = fromBase64(encoded)
    return bytes.length > ID_BYTES ? [{ name, id: bytes.slice(0, ID_BYTES), signature: bytes.slice(ID_BYTES) }] : []
  })
  return { origin, size: BigInt(size ?? ''), root: fromBase64(root), text, signatures }
}

/** Whether one of these verifier keys (`name+id+key`) signed the checkpoint, and its name is the checkpoint's origin. */
export async function isSigned({ origin, text, signatures }: Checkpoint, vkeys: readonly string[]): Promise<boolean> {
  for (const vkey of vkeys) {
    const [, name = '', , encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? []
    const typed = fromBase64(encoded)
    if (name !== origin || typed[0] !== ED25519) continue
    const id = (await sha256(join(utf8(`${name}\n`), typed))).slice(0, ID_BYTES)
    const found = signatures.find((line) => line.name === name && same(line.id, id))
    if (!found) continue
    const key = await crypto.subtle.importKey('raw', typed.slice(1), 'Ed25519', false, ['verify'])
    if (await crypto.subtle.verify('Ed25519', key, found.signature, utf8(text))) return true
  }
  return false
}

const ID_BYTES = 4
const ED25519 = 1
