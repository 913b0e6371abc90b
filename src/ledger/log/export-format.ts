import { z } from 'zod'

import { decodeBase64 } from './base64.ts'
import { plainText, postingShape } from './posting-json.ts'

export const EXPORT_FORMAT = 'florin-log@v1'

const time = z.iso.datetime({ precision: 3 })
const whole = z.string().regex(/^(0|[1-9][0-9]{0,18})$/)
const bytes = (length: number) =>
  z.string().refine((text) => decodeBase64(text)?.length === length, `Not ${length} bytes in base64.`)

const entry = z.strictObject({
  id: z.uuid(),
  kind: plainText,
  reference: plainText.nullable(),
  effective_at: time,
  recorded_at: time,
  salt: bytes(16).optional(),
  metadata: z.unknown(),
  actor: plainText.nullish(),
  redacted: z.strictObject({ posting_key: bytes(16), metadata_digest: bytes(32), actor_digest: bytes(32) }).optional(),
  postings: z.array(z.strictObject(postingShape)).min(1),
})

const event = z.strictObject({
  id: z.uuid(),
  action: plainText,
  subject: plainText,
  at: time,
  salt: bytes(16),
  actor: plainText.nullable(),
  diff: z.unknown(),
})

const block = z.strictObject({
  height: whole,
  previous_hash: bytes(32),
  tree_size: whole,
  root: bytes(32),
  time,
  difficulty: whole,
  nonce: whole,
  origin: plainText,
  hash: bytes(32),
  checkpoint: plainText,
})

export const zHeader = z.strictObject({
  format: z.literal(EXPORT_FORMAT),
  economy: plainText,
  vkeys: z.array(plainText),
})
export const zBody = z.union([
  z.strictObject({ leaf: whole, entry }),
  z.strictObject({ leaf: whole, event }),
  z.strictObject({ block }),
])

/** One line of an exported log. */
export type ExportLine = z.infer<typeof zHeader> | z.infer<typeof zBody>
export type ExportedEntry = z.infer<typeof entry>
export type ExportedEvent = z.infer<typeof event>
export type ExportedBlock = z.infer<typeof block>
