import { type Item, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy } from '../components/economy.tsx'
import { Amount } from '../ui/figures.tsx'

export function Unstake({ stake }: { stake: Item<'/me/stakes'> }) {
  const economy = useEconomy()
  return (
    <Confirm
      label="End early"
      title="End this stake early?"
      confirm="End it early"
      disabledReason={stake.can_unstake ? undefined : 'It has ended, or is ending already.'}
      act={async (key) => await send(economy, '/me/stakes/{id}/unstake', { path: { id: stake.id }, key })}
    >
      <p>
        You lose its reward of <Amount value={stake.reward} asset={stake.asset} />, and{' '}
        <Amount value={stake.early_unstake_penalty} asset={stake.asset} /> as a penalty. The rest is yours after{' '}
        {stake.early_unstake_delay_days} days.
      </p>
    </Confirm>
  )
}
