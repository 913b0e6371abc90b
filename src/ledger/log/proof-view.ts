import { z } from 'zod'

import { eventReceiptSchema } from './event-receipt.ts'
import type { EntryProof, EventProof, LeafProof } from './proofs.ts'
import { receiptSchema } from './receipt.ts'

const zLeafProof = z.object({
  id: z.string(),
  position: z.string(),
  block: z.string().meta({ description: 'The height of the block whose checkpoint the proof ends in.' }),
  tlog_proof: z.string().meta({ description: 'The proof file of the leaf (c2sp.org/tlog-proof@v1).' }),
})

export const zProof = zLeafProof.extend({ receipts: z.array(receiptSchema) })

export const zEventProof = zLeafProof.extend({ receipt: eventReceiptSchema })

/** The proof of the entry `id` as it is answered. */
export function proofView(id: string, { receipts, ...leaf }: EntryProof): z.output<typeof zProof> {
  return { ...leafView(id, leaf), receipts }
}

/** The proof of the audit event `id` as it is answered. */
export function eventProofView(id: string, { receipt, ...leaf }: EventProof): z.output<typeof zEventProof> {
  return { ...leafView(id, leaf), receipt }
}

function leafView(id: string, { position, block, proof }: LeafProof): z.output<typeof zLeafProof> {
  return { id, position: `${position}`, block: `${block.height}`, tlog_proof: proof }
}
