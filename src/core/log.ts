import { type DestinationStream, pino, stdTimeFunctions } from 'pino'

/**
 * The log: one JSON line for each event, `{"level":"info","time":"…","event":"server_started","port":7411}`. Only the
 * fields of FIELDS are written, whatever else is handed in, so that neither a body nor a header nor a row can end up
 * here; of an error its name, code, message and stack, with credentials in them blotted out.
 */
export function createLog({ level, destination = pino.destination({ fd: 1, sync: true }) }: LogOptions): Log {
  const logger = pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: levelName } },
    destination,
  )
  const writer = (as: LogLevel) => (event: string, fields?: LogFields) => {
    if (logger.isLevelEnabled(as)) logger[as]({ event, ...allowed(fields) })
  }
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') }
}

export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

export type LogFields = { [Name in (typeof FIELDS)[number]]?: string | number | bigint | boolean | undefined } & {
  error?: unknown
}

const FIELDS = [
  'actor',
  'address',
  'blueprint',
  'code',
  'count',
  'database',
  'duration_ms',
  'economy',
  'height',
  'host',
  'job',
  'method',
  'migration',
  'origin',
  'path',
  'period',
  'pid',
  'port',
  'reason',
  'request_id',
  'route',
  'signal',
  'size',
  'status',
  'version',
] as const

function allowed(fields: LogFields = {}): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const name of FIELDS) {
    const value = fields[name]
    if (value !== undefined) picked[name] = typeof value === 'bigint' ? value.toString() : value
  }
  if (fields.error !== undefined) picked['error'] = errorView(fields.error)
  return picked
}

/** Not PostgreSQL's `detail`, `where` and `internalQuery`: they quote rows. */
function errorView(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: withoutCredentials(String(error)) }
  return {
    name: error.name,
    message: withoutCredentials(error.message),
    ...('code' in error && { code: String(error.code) }),
    ...(error.stack !== undefined && { stack: withoutCredentials(error.stack) }),
    ...(error.cause !== undefined && depth < CAUSES_MAX && { cause: errorView(error.cause, depth + 1) }),
  }
}

function withoutCredentials(text: string): string {
  return text.replace(/:\/\/[^@/\s]*@/g, '://…@').replace(/\b(fl_|Bearer |password=)[^\s"'&]+/gi, '$1…')
}

function levelName(label: string): { level: string } {
  return { level: label }
}

const CAUSES_MAX = 5

type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogOptions {
  level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  destination?: DestinationStream
}
