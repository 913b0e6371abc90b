/**
 * The bytes of standard, padded base64 (RFC 4648, section 4), or null for anything else. Node's own decoder also takes the
 * URL alphabet, missing padding and junk, so that many texts would stand for one signature.
 */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
