import { z } from 'zod'

import type { Db } from '../../core/db.ts'
import { NotFound } from '../../core/errors.ts'
import { router, zCursor, zLimit, zTime, zText, zUuid, zWhole } from '../../core/http.ts'
import { keyset, WALK, zOrder, zPage, zSerial } from '../../core/page.ts'
import { encodeBase64 } from './base64.ts'
import { type Block, findBlock, lastBlock } from './head.ts'
import { proofView, zProof } from './proof-view.ts'
import { proveConsistency, proveEntry } from './proofs.ts'
import { redactEntry } from './redaction.ts'

/** What the log's routes need of an economy. */
export interface LogScope {
  db: Db
  log: { vkeys: readonly string[] }
}

const route = router<LogScope>()

const zHash = z.string().meta({ description: '32 bytes in base64.' })
const zSize = z.string().regex(/^\d{1,18}$/, 'A tree size is a whole number.')

const zBlock = z.object({
  height: z.string(),
  hash: zHash,
  previous_hash: zHash,
  tree_size: zSize,
  root: zHash,
  time: zTime,
  difficulty: z.string(),
  nonce: z.string(),
  origin: z.string(),
  checkpoint: z.string().meta({ description: 'The head as a C2SP signed note.' }),
})

const zDisclose = z
  .string()
  .regex(/^(from_balance|to_balance|metadata|actor)(,(from_balance|to_balance|metadata|actor)){0,3}$/)
  .meta({
    description:
      'What the receipt shows besides the posting: from_balance, to_balance, metadata, actor, with commas. Balances of an account that others are paid from tell what the others got.',
  })

const byHeight = keyset('ledger.blocks', z.tuple([zSerial]))

export const logRoutes = [
  route({
    method: 'get',
    path: '/ledger/entries/:id/proof',
    may: 'ledger.read',
    summary: 'Prove an entry',
    description:
      'The entry’s place in the log under the newest checkpoint, and a receipt for each posting asked for. With these two files and a checkpoint anybody can verify the posting without this server; they say nothing of the entry’s other postings.',
    errors: ['entry_not_found', 'posting_not_found', 'entry_not_sealed', 'tree_size_unsealed', 'entry_redacted'],
    params: { id: zUuid },
    query: {
      posting: zWhole({ min: 0, max: 9_999 }).optional(),
      tree_size: zSize.optional(),
      disclose: zDisclose.optional(),
    },
    response: zProof,
    handler: async ({ scope, params, query }) => {
      const shown = new Set(query.disclose?.split(','))
      const disclose = {
        fromBalance: shown.has('from_balance'),
        toBalance: shown.has('to_balance'),
        metadata: shown.has('metadata'),
        actor: shown.has('actor'),
      }
      const postings = query.posting === undefined ? [] : [query.posting]
      const treeSize = query.tree_size === undefined ? undefined : BigInt(query.tree_size)
      return proofView(params.id, await proveEntry(scope.db, { id: params.id, postings, disclose, treeSize }))
    },
  }),
  route({
    method: 'post',
    path: '/ledger/entries/:id/redact',
    may: 'ledger.redact',
    idempotency: 'required',
    summary: 'Erase personal data of an entry',
    description:
      'Erases the entry’s metadata, its actor and its salt, for good. Postings stay, and every proof holds as before.',
    errors: ['entry_not_found', 'entry_redacted'],
    params: { id: zUuid },
    body: z.strictObject({ reason: zText(500) }),
    response: z.object({ id: z.string(), redacted: z.literal(true) }),
    handler: async ({ tx, actor, params, body, now }) => {
      await redactEntry(tx, { id: params.id, reason: body.reason, actor: actor.id, now })
      return { id: params.id, redacted: true as const }
    },
  }),
  route({
    method: 'get',
    path: '/ledger/blocks',
    may: 'public',
    summary: 'List blocks',
    description: 'The sealed heads of the log, newest first, or oldest.',
    query: { order: zOrder, limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zBlock),
    handler: async ({ scope, query: { limit, cursor, ...filters } }) => {
      const after = byHeight.after(cursor, filters)
      const { direction, next } = WALK[filters.order]
      let blocks = scope.db
        .selectFrom('ledger.block')
        .selectAll()
        .orderBy('height', direction)
        .limit(limit + 1)
      if (after) blocks = blocks.where('height', next, after[0])
      return byHeight.page(await blocks.execute(), {
        limit,
        filters,
        keyOf: (block) => [block.height],
        view: blockView,
      })
    },
  }),
  route({
    method: 'get',
    path: '/ledger/blocks/:height',
    may: 'public',
    summary: 'Get a block',
    description: 'One sealed head of the log.',
    errors: ['block_not_found'],
    params: { height: zSize },
    response: zBlock,
    handler: async ({ scope, params }) => blockView(await findBlock(scope.db, BigInt(params.height))),
  }),
  route({
    method: 'get',
    path: '/ledger/checkpoint',
    may: 'public',
    summary: 'Get the newest checkpoint',
    description:
      'The newest head as a C2SP signed note (c2sp.org/tlog-checkpoint): keep it, and no earlier history can be shown to you later.',
    errors: ['log_empty'],
    response: z.string(),
    content_type: 'text/plain; charset=utf-8',
    handler: async ({ scope }) => {
      const head = await lastBlock(scope.db)
      if (!head) throw new NotFound('log_empty', 'Nothing has been sealed yet. Ask again in a moment.')
      return head.checkpoint
    },
  }),
  route({
    method: 'get',
    path: '/ledger/log-keys',
    may: 'public',
    summary: 'List the keys that sign checkpoints',
    description: 'Verifier keys (vkeys) as in C2SP signed-note. Get them by another way too before you trust them.',
    response: z.object({ data: z.array(z.string()) }),
    handler: ({ scope }) => ({ data: [...scope.log.vkeys] }),
  }),
  route({
    method: 'get',
    path: '/ledger/consistency',
    may: 'public',
    summary: 'Prove that the log was only appended to',
    description: 'An RFC 9162 consistency proof between two tree sizes.',
    errors: ['range_invalid', 'tree_size_unsealed'],
    query: { from: zSize, to: zSize },
    response: z.object({ from: zSize, to: zSize, proof: z.array(zHash) }),
    handler: async ({ scope, query: { from, to } }) => {
      const proof = await proveConsistency(scope.db, { from: BigInt(from), to: BigInt(to) })
      return { from, to, proof: proof.map(encodeBase64) }
    },
  }),
]

function blockView(block: Block) {
  return {
    height: `${block.height}`,
    hash: encodeBase64(block.hash),
    previous_hash: encodeBase64(block.previous_hash),
    tree_size: `${block.tree_size}`,
    root: encodeBase64(block.root),
    time: block.time,
    difficulty: `${block.difficulty}`,
    nonce: `${block.nonce}`,
    origin: block.origin,
    checkpoint: block.checkpoint,
  }
}
