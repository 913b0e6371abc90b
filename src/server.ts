import { createMetrics } from './api/metrics.ts'
import { createServer, type Server } from './api/server.ts'
import type { App, RunningEconomy } from './app.ts'
import { contributionRoutes } from './contributions/routes.ts'
import type { Route } from './core/http.ts'
import { VERSION } from './core/version.ts'
import { economyRoutes } from './economy/routes.ts'
import { eventRoutes } from './events/routes.ts'
import { authenticate } from './identity/identity.ts'
import { identityRoutes } from './identity/routes.ts'
import { logRoutes } from './ledger/log/routes.ts'
import { ledgerRoutes } from './ledger/routes.ts'
import { stakingRoutes } from './staking/routes.ts'
import { statementRoutes } from './statements/routes.ts'
import { transferRoutes } from './transfers/routes.ts'
import { webhookRoutes } from './webhooks/routes.ts'

/** Every endpoint of every module, below `/v1/{economy}`. */
export const ROUTES: readonly Route<RunningEconomy>[] = [
  ...ledgerRoutes,
  ...logRoutes,
  ...contributionRoutes,
  ...stakingRoutes,
  ...economyRoutes,
  ...identityRoutes,
  ...transferRoutes,
  ...eventRoutes,
  ...statementRoutes,
  ...webhookRoutes,
]

/** The HTTP server over the economies of `app`; it listens once told to. */
export async function createAppServer(app: App): Promise<Server> {
  return await createServer<RunningEconomy>({
    routes: ROUTES,
    lease: async (name) => await app.economies.lease(name),
    authenticateKey: authenticate,
    ready: async () => {
      await app.control.db.selectFrom('control.installation').select('id').execute()
      return []
    },
    log: app.log,
    metrics: createMetrics(),
    version: VERSION,
    metrics_token: app.config.metrics_token,
    cors_origins: app.config.cors_origins,
    ...(app.config.trusted_proxies.length > 0 && { trusted_proxies: app.config.trusted_proxies }),
  })
}
