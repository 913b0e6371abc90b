import { BLUEPRINTS } from '../blueprints/blueprints.ts'
import { sweepAnswers } from './api/idempotency.ts'
import { type Auth, openAuth } from './auth/auth.ts'
import { authJobs } from './auth/jobs.ts'
import { createSmtpMailer } from './auth/smtp.ts'
import type { Config } from './config.ts'
import { type Clock, systemClock } from './core/clock.ts'
import { transaction } from './core/db.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './core/embedded-postgres.ts'
import { Conflict, Unavailable } from './core/errors.ts'
import { type Job, type RunningJobs, startJobs } from './core/jobs.ts'
import type { Log } from './core/log.ts'
import { type SecretBox, secretBox } from './core/secret-box.ts'
import type { Secret } from './core/secret.ts'
import { type Control, type DatabaseServer, type Installation, openControl } from './economy/control.ts'
import { Economies, type Economy } from './economy/economies.ts'
import { installationSecret } from './economy/installation-secret.ts'
import type { OpenedEconomy } from './economy/open.ts'
import { EventFeed } from './events/events.ts'
import { IDENTITY_JOBS } from './identity/jobs.ts'
import { Batcher } from './ledger/batcher.ts'
import { type Chart, createChart } from './ledger/chart.ts'
import { expireHolds } from './ledger/holds.ts'
import { openLog, type Log as LedgerLog } from './ledger/log/log.ts'
import { REVERSIBLE_KINDS } from './ledger/reversal.ts'
import { WEBHOOK_JOBS } from './webhooks/jobs.ts'
import { Dispatcher } from './webhooks/webhooks.ts'

/**
 * Puts Florin together: the database server (the embedded one, or the one in DATABASE_URL), the control database, and
 * the economies, each with what runs for it. With `background` they also seal their logs and do what falls due, as a
 * server does; a command line tool only does what it was told.
 */
export async function createApp(
  config: Config,
  { log, clock = systemClock, background = false }: AppOptions,
): Promise<App> {
  const { postgres, installation } = await openInstallation(config, { log })
  try {
    const control = await openControl({ ...installation, now: clock.now() })
    const economies = new Economies<Parts>({
      control,
      blueprints: BLUEPRINTS,
      clock,
      connections_max: config.connections_max,
      start: async (opened) => await startParts(opened, { log, background, config, secret: installation.secret }),
      parts_connections: AUTH_CONNECTIONS,
    })
    const close = async () => {
      await economies[Symbol.asyncDispose]()
      await control.close()
      await postgres?.stop()
    }
    return { config, log, clock, postgres, control, economies, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await postgres?.stop()
    throw error
  }
}

/** The database server, started if it is ours, and what else an installation is made of; `postgres` is to be stopped. */
export async function openInstallation(config: Config, { log }: { log: Log }): Promise<OpenedInstallation> {
  const secret = await installationSecret({ data: config.data, ...(config.secret && { given: config.secret }) })
  const postgres = config.database
    ? undefined
    : await startEmbeddedPostgres({ dataDir: config.data, log: postgresLog(log) })
  const installation = {
    server: serverOf(config, postgres),
    secret,
    data: config.data,
    ...(config.log_origin !== undefined && { logOrigin: config.log_origin }),
    databaseUrlSetting: config.databaseUrlSetting,
  }
  return { postgres, installation }
}

export interface OpenedInstallation {
  postgres: EmbeddedPostgres | undefined
  installation: Installation
}

export interface App extends AsyncDisposable {
  config: Config
  log: Log
  clock: Clock
  /** Undefined where DATABASE_URL names another server. */
  postgres: EmbeddedPostgres | undefined
  control: Control
  economies: Economies<Parts>
  close(): Promise<void>
}

export interface AppOptions {
  log: Log
  clock?: Clock
  background?: boolean
}

/** What runs for an open economy. */
export interface Parts {
  batcher: Batcher
  chart: Chart
  reversibleKinds: ReadonlySet<string>
  log: LedgerLog
  events: EventFeed
  jobs: RunningJobs
  webhooks: { secrets: SecretBox; private_allowed: boolean }
  auth: Auth
  /** Where people reach this installation, as https://wiki.example: what a wallet is asked to sign in to. */
  site: string
  state: 'open' | 'read_only'
  close(): Promise<void>
}

export type RunningEconomy = Economy<Parts>

/** Refuses to change an economy that is read-only. Fails: economy_read_only. */
export function mustBeWritable({ name, state, log }: RunningEconomy): void {
  if (state === 'open') return
  const why = log.standing.state === 'behind' ? ' Its log is behind what was published: see florin log fork.' : ''
  throw new Conflict('economy_read_only', `The economy ${name} is read-only.${why}`, { economy: name })
}

async function startParts(
  opened: OpenedEconomy,
  { log, background, config, secret }: { log: Log; background: boolean; config: Config; secret: Secret },
): Promise<Parts> {
  const { name, db, blueprint, clock, files } = opened
  const ledgerLog = await openLog(db, { ...files, clock })
  const behind = ledgerLog.standing.state === 'behind'
  if (behind) log.warn('log_behind', { economy: name, code: 'economy_read_only' })
  const state = behind ? 'read_only' : opened.state
  const batcher = new Batcher(db)
  const { sealer } = ledgerLog
  if (background && state === 'open') {
    sealer.start({ interval_ms: SEAL_EVERY_MS, onError: (error) => log.error('seal_failed', { economy: name, error }) })
  }
  const events = new EventFeed(db)
  const webhooks = {
    secrets: secretBox(secret, 'webhooks'),
    private_allowed: config.webhooks_private,
  }
  const dispatcher = new Dispatcher(
    { db, clock, ...webhooks },
    { onError: (error) => log.error('webhooks_failed', { economy: name, error }) },
  )
  if (background && state === 'open') dispatcher.start()
  const site = config.public_url ?? `http://${config.host}:${config.port}`
  const auth = startAuth({ ...opened, state, site }, { config, log })
  if (background) auth.prepare()
  const mailFailed = (error: unknown) => log.warn('mail_failed', { economy: name, error })
  const due = [...JOBS, ...authJobs(auth, mailFailed), ...blueprint.jobs]
  const jobs = startJobs(opened, background && state === 'open' ? due : [], {
    onError: (job, error) => log.error('job_failed', { economy: name, job, error }),
  })
  return {
    batcher,
    chart: createChart(blueprint.chart, blueprint.kinds),
    reversibleKinds: new Set([...REVERSIBLE_KINDS, ...blueprint.reversibleKinds]),
    log: ledgerLog,
    events,
    webhooks,
    auth,
    site,
    state,
    jobs,
    close: async () => {
      await events.close()
      await jobs.close()
      await dispatcher.close()
      await auth.close()
      await batcher.close()
      await sealer.close()
    },
  }
}

function startAuth(opened: OpenedEconomy & { site: string }, { config, log }: { config: Config; log: Log }): Auth {
  const { smtp, public_url } = config
  return openAuth({
    ...opened,
    economy: opened.name,
    title: opened.blueprint.title,
    connections_max: AUTH_CONNECTIONS,
    secret: opened.secretFor('auth'),
    url: public_url,
    mailer: smtp && createSmtpMailer(smtp),
    onError: (reason, error) => log.error('auth_failed', { economy: opened.name, reason, error }),
  })
}

const SEAL_EVERY_MS = 250

/** For passwords to be checked and people to sign up; what each request asks goes over the economy's own. */
const AUTH_CONNECTIONS = 2

const JOBS: readonly Job<OpenedEconomy>[] = [
  ...IDENTITY_JOBS,
  { name: 'ledger.expire_holds', every_ms: 1_000, run: async ({ db }, { now }) => await expireHolds(db, { now }) },
  {
    name: 'api.sweep_answers',
    every_ms: 60_000,
    run: async ({ db }, { now }) => await transaction(db, async (tx) => await sweepAnswers(tx, { now })),
  },
  ...WEBHOOK_JOBS,
]

function serverOf({ database }: Config, postgres: EmbeddedPostgres | undefined): DatabaseServer {
  if (database) return { url: database.url, directUrl: database.direct_url }
  if (!postgres) throw new Unavailable('database_missing', 'There is neither an embedded database nor DATABASE_URL.')
  return { url: postgres.adminUrl, directUrl: postgres.adminUrl }
}

/** The embedded server's life cycle speaks in sentences; the log takes events. */
function postgresLog(log: Log) {
  return {
    info: (_: object, message: string) => log.debug('embedded_postgres', { code: message }),
    warn: (_: object, message: string) => log.warn('embedded_postgres', { code: message }),
    error: (_: object, message: string) => log.error('embedded_postgres', { code: message }),
  }
}
