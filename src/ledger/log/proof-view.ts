import { z } from 'zod'

import type { EntryProof } from './proofs.ts'
import { receiptSchema } from './receipt.ts'

export const zProof = z.object({
  id: z.string(),
  position: z.string(),
  block: z.string().meta({ description: 'The height of the block whose checkpoint the proof ends in.' }),
  tlog_proof: z.string().meta({ description: 'The proof file of the leaf (c2sp.org/tlog-proof@v1).' }),
  receipts: z.array(receiptSchema),
})

/** The proof of the entry `id` as it is answered. */
export function proofView(id: string, { position, block, proof, receipts }: EntryProof): z.output<typeof zProof> {
  return { id, position: `${position}`, block: `${block.height}`, tlog_proof: proof, receipts }
}
