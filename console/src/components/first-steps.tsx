import { paths } from '../paths.ts'
import { Card } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { useEconomy } from './economy.tsx'

/** For who has nothing yet: what to do, in the order in which it makes sense. */
export function FirstSteps() {
  const economy = useEconomy()
  return (
    <Card title="You have nothing yet" note="This is how that changes.">
      <ol className="list-decimal space-y-3 pl-5">
        <li>
          <p className="font-medium">Were you here before?</p>
          <p className="text-muted">
            What was recorded under an earlier name can become yours. Ask staff for a code, and{' '}
            <TextLink to={paths.page(economy, 'myCodes')}>claim it</TextLink> before you do anything else.
          </p>
        </li>
        <li>
          <p className="font-medium">Contribute</p>
          <p className="text-muted">
            Every change to an <TextLink to={paths.page(economy, 'articles')}>article</TextLink> brings points, and the
            points of a week share its pool. The reward arrives here with the week’s distribution.
          </p>
        </li>
        <li>
          <p className="font-medium">Make more of it</p>
          <p className="text-muted">
            What you have can be <TextLink to={paths.page(economy, 'myStakes')}>staked</TextLink>, and it has a vote on{' '}
            <TextLink to={paths.page(economy, 'proposals')}>proposals</TextLink>.
          </p>
        </li>
      </ol>
    </Card>
  )
}
