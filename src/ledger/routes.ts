import { accountRoutes } from './routes-accounts.ts'
import { assetRoutes } from './routes-assets.ts'
import { bookRoutes } from './routes-books.ts'
import { entryRoutes } from './routes-entries.ts'
import { holdRoutes } from './routes-holds.ts'

/** The ledger's endpoints; those of its log are in log/routes.ts. */
export const ledgerRoutes = [...entryRoutes, ...accountRoutes, ...holdRoutes, ...assetRoutes, ...bookRoutes]
