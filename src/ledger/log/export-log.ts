import { sql } from 'kysely'

import type { Db, Tx } from '../../core/db.ts'
import { serialUuid } from '../../core/id.ts'
import { encodeBase64 } from './base64.ts'
import type { LoggedEntry, LoggedEvent } from './encode.ts'
import { EXPORT_FORMAT, type ExportLine } from './export-format.ts'
import type { Block } from './head.ts'
import { cutOff, fitting, LoggedReader, loggedEvents } from './logged.ts'
import { postingToJson } from './posting-json.ts'

/**
 * The whole log, line by line as JSON: a header, then each leaf in its place with all that its hash commits to, and each
 * block behind its last leaf. Somebody who has the file and a checkpoint needs nothing else to verify it. It discloses
 * everything that was not erased: it is for auditors. Call it on a `snapshot`.
 */
export async function* exportLog(db: Db | Tx, { economy, vkeys }: ExportLog): AsyncGenerator<ExportLine> {
  yield { format: EXPORT_FORMAT, economy, vkeys: [...vkeys] }
  const reader = new LoggedReader()
  const blocks = blocksInOrder(db)
  let block = await blocks.next()
  for (let first = 0n; ;) {
    const lines = await leafLines(db, reader, first)
    if (lines.length === 0) return
    for (const [i, line] of lines.entries()) {
      yield line
      while (!block.done && block.value.tree_size === first + BigInt(i) + 1n) {
        yield { block: blockToJson(block.value) }
        block = await blocks.next()
      }
    }
    first += BigInt(lines.length)
  }
}

export interface ExportLog {
  economy: string
  vkeys: readonly string[]
}

const CHUNK_LEAVES = 5_000n
const CHUNK_BLOCKS = 1_000

async function leafLines(db: Db | Tx, reader: LoggedReader, first: bigint): Promise<ExportLine[]> {
  const { rows: leaves } = await sql<{ position: bigint; kind: number; ref: bigint }>`
    select position, kind, ref
    from ledger.leaf
    where position >= ${first} and position < ${first + CHUNK_LEAVES}
    order by position
  `.execute(db)
  const fit = await fitting(
    db,
    leaves.filter(({ kind }) => kind === 1).map(({ ref }) => ref),
  )
  cutOff(leaves, fit.length)
  const refsOf = (wanted: number) => leaves.filter(({ kind }) => kind === wanted).map(({ ref }) => ref)
  const entries = new Map((await reader.entries(db, refsOf(1))).map(({ id, logged }) => [id, logged]))
  const events = new Map((await loggedEvents(db, refsOf(2))).map(({ id, logged }) => [id, logged]))
  return leaves.flatMap(({ position, kind, ref }): ExportLine[] => {
    const leaf = `${position}`
    const entry = kind === 1 ? entries.get(ref) : undefined
    if (entry) return [{ leaf, entry: entryToJson(ref, entry) }]
    const event = kind === 2 ? events.get(ref) : undefined
    return event ? [{ leaf, event: eventToJson(ref, event) }] : []
  })
}

async function* blocksInOrder(db: Db | Tx): AsyncGenerator<Block> {
  for (let height = 0n; ;) {
    const blocks = await db
      .selectFrom('ledger.block')
      .selectAll()
      .where('height', '>=', height)
      .orderBy('height')
      .limit(CHUNK_BLOCKS)
      .execute()
    yield* blocks
    const last = blocks.at(-1)
    if (!last || blocks.length < CHUNK_BLOCKS) return
    height = last.height + 1n
  }
}

function entryToJson(id: bigint, { kind, reference, effectiveAt, recordedAt, postings, secrets }: LoggedEntry) {
  const kept =
    'salt' in secrets
      ? { salt: encodeBase64(secrets.salt), metadata: secrets.metadata, actor: secrets.actor }
      : {
          metadata: null,
          actor: null,
          redacted: {
            posting_key: encodeBase64(secrets.postingKey),
            metadata_digest: encodeBase64(secrets.metadataDigest),
            actor_digest: encodeBase64(secrets.actorDigest),
          },
        }
  return {
    id: serialUuid(id, recordedAt),
    kind,
    reference,
    effective_at: effectiveAt.toISOString(),
    recorded_at: recordedAt.toISOString(),
    ...kept,
    postings: postings.map(postingToJson),
  }
}

function eventToJson(id: bigint, { action, subject, at, secrets }: LoggedEvent) {
  const { salt, actor, diff } = secrets
  return { id: serialUuid(id, at), action, subject, at: at.toISOString(), salt: encodeBase64(salt), actor, diff }
}

function blockToJson(block: Block) {
  return {
    height: `${block.height}`,
    previous_hash: encodeBase64(block.previous_hash),
    tree_size: `${block.tree_size}`,
    root: encodeBase64(block.root),
    time: block.time.toISOString(),
    difficulty: `${block.difficulty}`,
    nonce: `${block.nonce}`,
    origin: block.origin,
    hash: encodeBase64(block.hash),
    checkpoint: block.checkpoint,
  }
}
