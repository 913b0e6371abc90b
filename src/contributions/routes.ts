import { articleRoutes } from './routes-articles.ts'
import { changeRoutes } from './routes-changes.ts'
import { contributorRoutes } from './routes-contributors.ts'
import { distributionRoutes } from './routes-distributions.ts'
import { importRoutes } from './routes-imports.ts'
import { ownRoutes } from './routes-me.ts'
import { reviewRoutes } from './routes-reviews.ts'

export const contributionRoutes = [
  ...changeRoutes,
  ...reviewRoutes,
  ...articleRoutes,
  ...contributorRoutes,
  ...distributionRoutes,
  ...importRoutes,
  ...ownRoutes,
]
