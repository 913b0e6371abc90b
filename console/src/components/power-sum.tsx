import type { Answer } from '../api/client.ts'
import { Amount, Day } from '../ui/figures.tsx'
import { grouped } from '../ui/format.ts'

/** Voting power with how it comes about, and as of which sealed tree. */
export function PowerSum({ of, then }: { of: Answer<'/me/power'>; then: 'now' | 'when voting opened' }) {
  const { asset, power, balance, staked, staked_too_young, stake_weight, staked_before, tree_size } = of
  const hasYoung = !/^0(\.0*)?$/.test(staked_too_young)
  return (
    <div>
      <p>
        {then === 'now' ? 'Voting power now' : 'Your vote weighs'}{' '}
        <span className="text-lg font-semibold">
          <Amount value={power} asset={asset} />
        </span>
      </p>
      <p className="figures text-sm text-muted">
        = {grouped(balance)} in your wallet + {stake_weight} × {grouped(staked)} in stakes made by{' '}
        <Day at={staked_before} />, as sealed {then} at tree size {grouped(tree_size)}
      </p>
      {hasYoung && (
        <p className="text-sm text-muted">
          <Amount value={staked_too_young} asset={asset} /> in later stakes does not count
          {then === 'now' ? ' yet' : ''}.
        </p>
      )}
    </div>
  )
}
