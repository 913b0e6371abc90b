import { Invalid } from './errors.ts'

/*
 * Connection strings of PostgreSQL, with a part replaced. A server on a Unix socket is named by the socket's folder, as
 * host (`postgres://me@%2Frun%2Fpg/db`) or as parameter (`postgres://me@/db?host=/run/pg`); both are understood.
 */

/** The same server and user, another database. */
export function withDatabase(url: string, database: string): string {
  const parsed = parse(url)
  parsed.pathname = `/${encodeURIComponent(database)}`
  parsed.searchParams.delete('dbname')
  return parsed.href
}

/** The same server and database, another user. */
export function withUser(url: string, { user, password }: { user: string; password: string }): string {
  const parsed = parse(url)
  for (const name of ['user', 'password']) parsed.searchParams.delete(name)
  parsed.username = encodeURIComponent(user)
  parsed.password = encodeURIComponent(password)
  return parsed.href
}

/** The database that the connection string names; PostgreSQL's rule is that it is the user's name if it names none. */
export function databaseOf(url: string): string {
  const parsed = parse(url)
  const database = decodeURIComponent(parsed.pathname.slice(1))
  return database || decodeURIComponent(parsed.username)
}

/** Where it leads, for people: without user, password and parameters. */
export function describeUrl(url: string): string {
  const parsed = parse(url)
  const host = parsed.searchParams.get('host') ?? decodeURIComponent(parsed.host)
  return `${host}/${databaseOf(url)}`
}

function parse(url: string): URL {
  // A connection string may leave the host out between @ and /; a URL with a user may not.
  const parsed = URL.parse(url.replace(NO_HOST, '$1localhost/'))
  if (!parsed || !PROTOCOLS.has(parsed.protocol)) {
    throw new Invalid(
      'database_url_invalid',
      'Write the connection string as postgres://user:password@host:port/database.',
    )
  }
  // Without a host the URL standard keeps no user; PostgreSQL's own default is this machine.
  if (parsed.host === '') parsed.host = 'localhost'
  return parsed
}

const PROTOCOLS = new Set(['postgres:', 'postgresql:'])
const NO_HOST = /^(postgres(?:ql)?:\/\/[^/@]*@)\//
