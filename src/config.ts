import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import { z } from 'zod'

import { Invalid } from './core/errors.ts'
import { type Secret, secret } from './core/secret.ts'

/**
 * All that is set from outside, read once and checked. This file alone reads the environment; docs/operations.md lists
 * what there is.
 * Fails: config_invalid, naming every setting that is wrong and what it may be.
 */
export function readConfig(env: Environment = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const { success, data: settings, error } = SETTINGS.safeParse(given)
  if (!success) {
    const wrong = error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
    throw new Invalid('config_invalid', wrong.join(' '), {
      settings: error.issues.map(({ path }) => path.join('.')),
    })
  }
  return {
    data: resolve(expandHome(settings.FLORIN_DATA)),
    host: settings.HOST,
    port: settings.PORT,
    database: settings.DATABASE_URL && {
      url: settings.DATABASE_URL,
      direct_url: settings.DATABASE_DIRECT_URL ?? settings.DATABASE_URL,
    },
    connections_max: settings.FLORIN_DB_CONNECTIONS,
    secret: settings.FLORIN_SECRET,
    log_origin: settings.FLORIN_LOG_ORIGIN,
    log_level: settings.LOG_LEVEL,
    metrics_token: settings.FLORIN_METRICS_TOKEN,
    cors_origins: settings.FLORIN_CORS_ORIGINS,
    webhooks_private: settings.FLORIN_WEBHOOKS_PRIVATE,
    trusted_proxies: settings.FLORIN_TRUSTED_PROXIES,
    public_url: settings.FLORIN_URL,
    smtp: smtpOf(settings),
    ci: settings.CI,
    databaseUrlSetting: (name) => urlSetting(given, name),
  }
}

/** Where Florin itself lies. */
export const PROJECT_ROOT = resolve(import.meta.dirname, '..')

export interface Config {
  /** The folder of the embedded database, the keys and the checkpoints. */
  data: string
  host: string
  port: number
  /** The server to use; undefined: the embedded one. `direct_url` reaches it past a pooler. */
  database: { url: Secret; direct_url: Secret } | undefined
  /** Connections that all economies of this process share. */
  connections_max: number
  /** What the database passwords derive from, in place of a key file. */
  secret: Secret | undefined
  /** Names the logs of this installation for the world, as `wiki.example/log`. */
  log_origin: string | undefined
  log_level: (typeof LOG_LEVELS)[number]
  /** What who asks for /metrics from another machine must show. */
  metrics_token: Secret | undefined
  /** Origins of web pages that may call the API. */
  cors_origins: string[]
  /** Webhooks may go to private addresses and without TLS, as in development. */
  webhooks_private: boolean
  /** Addresses of the proxies in front, whose word for the caller's address is believed. */
  trusted_proxies: string[]
  /** Where people reach this installation, as https://wiki.example: what links in mails begin with. */
  public_url: string | undefined
  /** The mail server; without one, mails stay in the outbox. */
  smtp: { url: Secret; from: string } | undefined
  ci: boolean
  /** The connection string of an economy whose database was made by hand, by the name of its setting. */
  databaseUrlSetting: (name: string) => Secret
}

export type Environment = Record<string, string | undefined>

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const PORT_DEFAULT = '7411'
const CONNECTIONS_DEFAULT = '40'
/** With fewer, the jobs of one economy could hold them all (see core/jobs.ts). */
const CONNECTIONS_MIN = 6
const CONNECTIONS_MAX = 5_000
const SECRET_LENGTH_MIN = 32

const databaseUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'must be a connection string such as postgres://user:password@host:5432/database.')
  .transform(secret)

const SETTINGS = z.object({
  FLORIN_DATA: z.string().default(join(PROJECT_ROOT, '.florin')),
  HOST: z
    .string()
    .regex(/^[^\s/]+$/, 'must be a host name or an address to listen on, such as 127.0.0.1.')
    .default('127.0.0.1'),
  PORT: wholeNumber({ min: 0, max: 65_535, what: 'must be a port from 0 (any free one) to 65535.' }, PORT_DEFAULT),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_DIRECT_URL: databaseUrl.optional(),
  FLORIN_DB_CONNECTIONS: wholeNumber(
    {
      min: CONNECTIONS_MIN,
      max: CONNECTIONS_MAX,
      what: `must be a number of database connections from ${CONNECTIONS_MIN} to ${CONNECTIONS_MAX}.`,
    },
    CONNECTIONS_DEFAULT,
  ),
  FLORIN_SECRET: z
    .string()
    .min(
      SECRET_LENGTH_MIN,
      `must have at least ${SECRET_LENGTH_MIN} characters; "openssl rand -hex 32" makes a good one.`,
    )
    .transform(secret)
    .optional(),
  FLORIN_LOG_ORIGIN: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._/-]{0,99}(?<!\/)$/, 'must be a name without spaces such as wiki.example/log.')
    .optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}.`).default('info'),
  FLORIN_METRICS_TOKEN: z
    .string()
    .min(SECRET_LENGTH_MIN, `must have at least ${SECRET_LENGTH_MIN} characters.`)
    .transform(secret)
    .optional(),
  FLORIN_WEBHOOKS_PRIVATE: z
    .enum(['true', 'false'], 'must be true or false.')
    .default('false')
    .transform((value) => value === 'true'),
  FLORIN_CORS_ORIGINS: list(
    z.url({ protocol: /^https?$/, error: 'must be origins such as https://wiki.example, with commas.' }),
  ),
  FLORIN_TRUSTED_PROXIES: list(z.string().regex(/^[0-9a-fA-F.:/]+$/, 'must be addresses or ranges, with commas.')),
  FLORIN_URL: z
    .url({ protocol: /^https?$/, error: 'must be where people reach this server, such as https://wiki.example.' })
    .transform((text) => new URL(text).origin)
    .optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/\S+$/, 'must be a mail server such as smtps://user:password@mail.example:465.')
    .transform(secret)
    .optional(),
  FLORIN_MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]{3,200}$/, 'must be an address such as Wiki <wiki@example.org>.')
    .includes('@', { error: 'must be an address such as Wiki <wiki@example.org>.' })
    .optional(),
  CI: z
    .string()
    .optional()
    .transform((value) => value !== undefined && value !== 'false' && value !== '0'),
})

/** Mail goes out with a sender, and with links that begin with our own address and not with what a request says. */
function smtpOf({ SMTP_URL, FLORIN_MAIL_FROM, FLORIN_URL }: z.output<typeof SETTINGS>): Config['smtp'] {
  if (SMTP_URL === undefined) return undefined
  if (FLORIN_MAIL_FROM === undefined || FLORIN_URL === undefined) {
    throw new Invalid('config_invalid', 'SMTP_URL needs FLORIN_MAIL_FROM and FLORIN_URL beside it.', {
      settings: ['FLORIN_MAIL_FROM', 'FLORIN_URL'],
    })
  }
  return { url: SMTP_URL, from: FLORIN_MAIL_FROM }
}

function list(item: z.ZodType<string, string>) {
  return z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item))
}

function wholeNumber({ min, max, what }: { min: number; max: number; what: string }, first: string) {
  return z
    .string()
    .default(first)
    .refine((text) => /^\d{1,6}$/.test(text) && Number(text) >= min && Number(text) <= max, what)
    .transform(Number)
}

function urlSetting(given: Record<string, string | undefined>, name: string): Secret {
  const value = given[name]
  if (!/^[A-Z][A-Z0-9_]*$/.test(name) || value === undefined) {
    throw new Invalid(
      'url_setting_missing',
      `Set the environment variable ${name.slice(0, 64)} to the connection string of the database.`,
    )
  }
  const { success, data } = databaseUrl.safeParse(value)
  if (!success)
    throw new Invalid(
      'config_invalid',
      `${name} must be a connection string such as postgres://user:password@host:5432/database.`,
    )
  return data
}

function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}
