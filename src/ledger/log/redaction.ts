import { record } from '../../core/audit.ts'
import type { Tx } from '../../core/db.ts'
import { Conflict, NotFound } from '../../core/errors.ts'
import { parseSerialUuid, serialUuid } from '../../core/id.ts'
import { redact } from './encode.ts'

/**
 * Erases the personal data of an entry: its metadata, its actor, and the salt without which nobody can test a guess
 * against their digests. What remains lets the leaf be recomputed, so that every proof holds as before. Moves nothing.
 * Fails: entry_not_found, entry_redacted.
 */
export async function redactEntry(tx: Tx, { id, reason, actor, now }: RedactEntry): Promise<void> {
  const { serial } = parseSerialUuid(id, 'entry_not_found')
  const entry = await tx
    .selectFrom('ledger.entry')
    .select(['id', 'recorded_at', 'salt', 'metadata', 'actor'])
    .where('id', '=', serial)
    .forUpdate()
    .executeTakeFirst()
  if (!entry || serialUuid(entry.id, entry.recorded_at) !== id) {
    throw new NotFound('entry_not_found', `There is no entry ${id}.`, { entry: id })
  }
  const { salt, metadata, actor: author } = entry
  if (!salt)
    throw new Conflict('entry_redacted', `The personal data of the entry ${id} was erased before.`, { entry: id })
  const { postingKey, metadataDigest, actorDigest } = redact({ salt, metadata, actor: author })
  await tx
    .insertInto('ledger.redaction')
    .values({
      entry: serial,
      posting_key: postingKey,
      metadata_digest: metadataDigest,
      actor_digest: actorDigest,
      redacted_at: now,
      actor,
    })
    .execute()
  await tx
    .updateTable('ledger.entry')
    .set({ salt: null, metadata: null, actor: null })
    .where('id', '=', serial)
    .execute()
  await record(tx, { at: now, actor, action: 'entry.redact', subject: `entry:${id}`, diff: { after: { reason } } })
}

interface RedactEntry {
  id: string
  reason: string
  actor: string
  now: Date
}
