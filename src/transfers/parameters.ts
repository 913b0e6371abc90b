import type { Db, Tx } from '../core/db.ts'
import { defineParameters } from '../economy/define.ts'
import { parameterAt, parametersAt } from '../economy/parameters.ts'
import type { FeeTerms } from './transfer-rules.ts'

/** What a transfer between members costs (docs/adr/0024-the-sender-pays-the-fee.md). */
export const TRANSFER_PARAMETERS = defineParameters('transfers', {
  transfer_fee_bps: {
    type: 'integer',
    description: 'What the sender of a transfer pays on top of it to treasury:main, in basis points of the amount.',
    first: 0,
    bounds: { min: '0', max: '1000' },
    governable: true,
  },
  transfer_fee_min: {
    type: 'amount',
    description: 'The least fee of a transfer of this asset; those of other assets have none.',
    first: '0',
    bounds: { min: '0', max: '1000' },
    governable: true,
  },
})

/** The fee for transfers of `asset` as in force at `at`. */
export async function feeTermsAt(db: Db | Tx, { asset, at }: { asset: string; at: Date }): Promise<FeeTerms> {
  const { transfer_fee_bps: fee_bps, transfer_fee_min: fee_min } = await parametersAt(db, TRANSFER_PARAMETERS, at)
  if (fee_min === 0n) return { fee_bps, fee_min }
  const { shape } = await parameterAt(db, 'transfer_fee_min', at)
  return { fee_bps, fee_min: shape.type === 'amount' && shape.asset === asset ? fee_min : 0n }
}
