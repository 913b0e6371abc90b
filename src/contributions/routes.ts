import { articleRoutes } from './routes-articles.ts'
import { changeRoutes } from './routes-changes.ts'
import { contributorRoutes } from './routes-contributors.ts'
import { distributionRoutes } from './routes-distributions.ts'

export const contributionRoutes = [...changeRoutes, ...articleRoutes, ...contributorRoutes, ...distributionRoutes]
