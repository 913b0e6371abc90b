import { CONTRIBUTION_KINDS, CONTRIBUTION_PARAMETERS, CONTRIBUTIONS_CHART } from '../src/contributions/contributions.ts'
import { CONTRIBUTION_INVARIANTS } from '../src/contributions/invariants.ts'
import { CONTRIBUTION_JOBS } from '../src/contributions/jobs.ts'
import type { Blueprint } from '../src/economy/define.ts'
import {
  GOVERNANCE_CHART,
  GOVERNANCE_KINDS,
  GOVERNANCE_PARAMETERS,
  PROPOSAL_EFFECTS,
} from '../src/governance/governance.ts'
import { GOVERNANCE_INVARIANTS } from '../src/governance/invariants.ts'
import { GOVERNANCE_JOBS } from '../src/governance/jobs.ts'
import { STAKING_INVARIANTS } from '../src/staking/invariants.ts'
import { STAKING_JOBS } from '../src/staking/jobs.ts'
import { setUpPools, stakedAsOf, STAKING_CHART, STAKING_KINDS, STAKING_PARAMETERS } from '../src/staking/staking.ts'
import { TRANSFER_INVARIANTS } from '../src/transfers/invariants.ts'
import { TRANSFER_KINDS, TRANSFER_PARAMETERS } from '../src/transfers/transfers.ts'

/** A wiki that pays its contributors: what they do earns points, and the points of a week share a pool of tokens. */
export const KONTRIB: Blueprint = {
  name: 'kontrib',
  title: 'A wiki that pays its contributors',
  assets: [
    {
      code: 'KONTRIB',
      name: 'Wiki Contribution Token',
      scale: 9,
      maxSupply: '100000000',
      genesis: [
        { to: 'treasury:rewards', amount: '60000000' },
        { to: 'pools:staking', amount: '20000000' },
        { to: 'treasury:main', amount: '20000000' },
      ],
    },
  ],
  modules: ['contributions', 'staking', 'governance', 'transfers'],
  parameters: [
    { of: CONTRIBUTION_PARAMETERS, asset: 'KONTRIB' },
    { of: STAKING_PARAMETERS, asset: 'KONTRIB' },
    { of: TRANSFER_PARAMETERS, asset: 'KONTRIB' },
    { of: GOVERNANCE_PARAMETERS, asset: 'KONTRIB' },
  ],
  chart: [...CONTRIBUTIONS_CHART, ...GOVERNANCE_CHART, ...STAKING_CHART],
  kinds: { ...CONTRIBUTION_KINDS, ...STAKING_KINDS, ...TRANSFER_KINDS, ...GOVERNANCE_KINDS },
  invariants: [...CONTRIBUTION_INVARIANTS, ...STAKING_INVARIANTS, ...GOVERNANCE_INVARIANTS, ...TRANSFER_INVARIANTS],
  reversibleKinds: [],
  setUp: [setUpPools([{ code: 'term', kind: 'term', asset: 'KONTRIB', rewardAccount: 'pools:staking' }])],
  jobs: [...CONTRIBUTION_JOBS, ...STAKING_JOBS, ...GOVERNANCE_JOBS],
  governance: { effects: PROPOSAL_EFFECTS, stakedAsOf },
}
