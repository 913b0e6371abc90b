import { useQuery } from '@tanstack/react-query'

import { read, type SendAnswer } from '../api/client.ts'
import { Amount, Day, Moment } from '../ui/figures.tsx'
import { counted, percentOf } from '../ui/format.ts'
import { Fact, Facts } from '../ui/surfaces.tsx'
import { useEconomy } from './economy.tsx'

/** What staking would bring, as the server works it out: the reward, the end, the multiplier, and what ending it early costs. */
export function StakeOffer({ of: offer }: { of: SendAnswer<'/me/stakes/preview'> }) {
  const { asset, amount, multiplier } = offer
  const points = useQuery(read(useEconomy(), '/me/multiplier', { query: { amount, tier_multiplier: multiplier } })).data
  return (
    <div className="rounded-md bg-raised p-4">
      <Facts>
        <Fact name="You get at the end">
          <span className="text-lg font-semibold">
            <Amount value={offer.total_at_end} asset={asset} />
          </span>
        </Fact>
        <Fact name="Ends">
          <Moment at={offer.end_date} />
        </Fact>
        <Fact name="Of it reward">
          <Amount value={offer.reward} asset={asset} />, at {percentOf(offer.apy_rate)} a year, rounded down
        </Fact>
        <Fact name="Your weekly points">
          {points && (
            <>
              × {points.multiplier} in every whole week, first in the one from <Day at={points.first_week.week_start} />
              {points.multiplier !== multiplier && (
                <span className="block text-sm text-muted">
                  × {multiplier} from <Amount value={points.full_multiplier_stake} asset={asset} /> on
                </span>
              )}
            </>
          )}
        </Fact>
        <Fact name="If you end it early" wide>
          No reward, and no multiplier from then on. You get <Amount value={offer.total_if_ended_early} asset={asset} />{' '}
          back, {counted(offer.early_unstake_delay_days, 'day')} later.
        </Fact>
      </Facts>
    </div>
  )
}
