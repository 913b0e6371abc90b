import { proposalRoutes } from './routes-proposals.ts'
import { voteRoutes } from './routes-votes.ts'

export const governanceRoutes = [...proposalRoutes, ...voteRoutes]
