import { type Item, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy } from '../components/economy.tsx'
import { Amount, Moment } from '../ui/figures.tsx'
import { Fact, Facts } from '../ui/surfaces.tsx'

/** Ends a stake of mine early; what comes back when stands there before it is confirmed. */
export function Unstake({ stake }: { stake: Item<'/me/stakes'> }) {
  const economy = useEconomy()
  const { id, asset, reward, early_unstake_penalty: penalty, ended_early_now: early } = stake
  return (
    <Confirm
      label="End early"
      title="End this stake early?"
      confirm="End it early"
      disabledReason={stake.can_unstake ? undefined : 'It has ended, or is ending already.'}
      act={async (key) => await send(economy, '/me/stakes/{id}/unstake', { path: { id }, key })}
    >
      <p>
        It stops counting at once, and its reward of <Amount value={reward} asset={asset} /> is lost.
      </p>
      {early && (
        <div className="rounded-md bg-raised p-4">
          <Facts>
            <Fact name="You get back">
              <span className="text-lg font-semibold">
                <Amount value={early.amount} asset={asset} />
              </span>
            </Fact>
            <Fact name="When">
              <Moment at={early.at} />
            </Fact>
            <Fact name="Penalty">
              <Amount value={penalty} asset={asset} />
            </Fact>
            <Fact name="Reward">none</Fact>
          </Facts>
        </div>
      )}
    </Confirm>
  )
}
