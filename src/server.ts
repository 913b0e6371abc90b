import { join } from 'node:path'

import { createMetrics } from './api/metrics.ts'
import { permissionRoutes } from './api/permissions.ts'
import { createServer, type Server } from './api/server.ts'
import type { SignIn } from './api/sign-in.ts'
import type { App, RunningEconomy } from './app.ts'
import { type Auth, BODIES } from './auth/auth.ts'
import { authRoutes } from './auth/routes.ts'
import { PROJECT_ROOT } from './config.ts'
import { contributionRoutes } from './contributions/routes.ts'
import type { Route } from './core/http.ts'
import { VERSION } from './core/version.ts'
import { jobRoutes } from './economy/routes-jobs.ts'
import { economyRoutes } from './economy/routes.ts'
import { eventRoutes } from './events/routes.ts'
import { registerGauges } from './gauges.ts'
import { governanceRoutes } from './governance/routes.ts'
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
  ...governanceRoutes,
  ...economyRoutes,
  ...jobRoutes,
  ...identityRoutes,
  ...transferRoutes,
  ...eventRoutes,
  ...statementRoutes,
  ...webhookRoutes,
  ...authRoutes,
  ...permissionRoutes,
]

/** The HTTP server over the economies of `app`; it listens once told to. */
export async function createAppServer(app: App): Promise<Server> {
  const metrics = createMetrics()
  registerGauges(metrics.registry, app)
  return await createServer<RunningEconomy>({
    routes: ROUTES,
    lease: async (name) => await app.economies.lease(name),
    authenticateKey: authenticate,
    signIn: signInThrough(app.config.public_url),
    ready: async () => {
      await app.control.db.selectFrom('control.installation').select('id').execute()
      return []
    },
    log: app.log,
    metrics,
    version: VERSION,
    console_folder: join(PROJECT_ROOT, 'console/dist'),
    metrics_token: app.config.metrics_token,
    cors_origins: app.config.cors_origins,
    ...(app.config.trusted_proxies.length > 0 && { trusted_proxies: app.config.trusted_proxies }),
  })
}

/** People sign in as each economy says. */
export function signInThrough(url: string | undefined): SignIn<{ auth: Auth }> {
  return {
    url,
    bodies: BODIES,
    cookieName: ({ auth }) => auth.cookie,
    find: async ({ auth }, cookie) => await auth.find(cookie),
    answer: async ({ auth }, request) => await auth.answer(request),
  }
}
