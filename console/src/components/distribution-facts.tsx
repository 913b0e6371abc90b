import { Amount, Count } from '../ui/figures.tsx'
import { Fact, Facts, Notice } from '../ui/surfaces.tsx'

interface Week {
  asset: string
  weekly_pool: string
  pool: string
  treasury_short: boolean
  total_tokens: string
  undistributed: string
  new_points: number
  total_points: number
  effective_points: string
  point_to_token_ratio: string
  user_count: number
  carried_points: number
  carried_count: number
}

/** What a week comes to, paid or foreseen. */
export function DistributionFacts({ of }: { of: Week }) {
  const { asset } = of
  return (
    <div className="space-y-4">
      {of.treasury_short && (
        <Notice tone="warning" title="The treasury was short">
          The pool is what the treasury had, less than the weekly pool. Fund the rewards to pay the whole pool again.
        </Notice>
      )}
      <Facts>
        <Fact name="Paid out">
          <span className="text-lg font-semibold">
            <Amount value={of.total_tokens} asset={asset} />
          </span>
        </Fact>
        <Fact name="To">
          <span className="text-lg font-semibold">
            {of.user_count} {of.user_count === 1 ? 'person' : 'people'}
          </span>
        </Fact>
        <Fact name="Pool">
          <Amount value={of.pool} asset={asset} /> of <Amount value={of.weekly_pool} asset={asset} /> a week
        </Fact>
        <Fact name="Stays in the treasury">
          <Amount value={of.undistributed} asset={asset} />
        </Fact>
        <Fact name="Points">
          <Count value={of.total_points} />{' '}
          <span className="text-muted">
            ({of.new_points} new), with multipliers {of.effective_points}
          </span>
        </Fact>
        <Fact name="A point is worth">
          <Amount value={of.point_to_token_ratio} asset={asset} />
        </Fact>
        {of.carried_count > 0 && (
          <Fact name="Carried to the next week" wide>
            {of.carried_points} points of {of.carried_count} {of.carried_count === 1 ? 'person' : 'people'} who had too
            few for a reward
          </Fact>
        )}
      </Facts>
    </div>
  )
}
