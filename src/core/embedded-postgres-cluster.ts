import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, realpath, rm, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { readIfThere, syncFolder, writeDurably } from './durable-file.ts'
import { type Binaries, findBinaries } from './embedded-postgres-binaries.ts'
import { explainOutput } from './embedded-postgres-failure.ts'
import { type OsUser, osUserOf, runAs } from './embedded-postgres-user.ts'
import { Unavailable } from './errors.ts'

/**
 * The PostgreSQL data of a data folder, made by initdb when there are none. They are in its `postgres/`, or, when the
 * OS user who has to run PostgreSQL cannot get there, in a folder under /var/lib/florin that `postgres.location` names.
 * The superuser's password is in `keys/postgres.password`. To be called by one process at a time.
 * Fails with `data_folder_unusable`, `postgres_data_missing`, `postgres_data_foreign`, `postgres_password_missing`,
 * and with what osUserOf, findBinaries and initdb fail with.
 */
export async function openCluster(dataDir: string, say: (what: string) => void): Promise<Cluster> {
  const path = await locate(dataDir)
  if (path === undefined || !(await exists(path))) return createCluster(dataDir, say)
  if (!(await exists(join(path, 'PG_VERSION'))))
    throw new Unavailable(
      'postgres_data_foreign',
      `${path} is not a PostgreSQL data folder: move it away, or set FLORIN_DATA to another folder.`,
      { path },
    )
  const user = await osUserOf(path)
  const password = await readPassword(dataDir)
  if (password === undefined)
    throw new Unavailable(
      'postgres_password_missing',
      `${passwordFile(dataDir)} is missing, and without it ${path} cannot be opened: put it back from a backup.`,
      { path },
    )
  return { path: await realpath(path), user, password }
}

/** Makes the data folder where it is missing and answers its real path, which is what it is known by. */
export async function openDataFolder(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true })
  const path = await realpath(dataDir)
  const unusable = /\p{Cc}/u.test(path)
    ? 'has a line break or a control character in its path'
    : Buffer.byteLength(path) > PATH_LIMIT_BYTES
      ? `has a path of more than ${PATH_LIMIT_BYTES} bytes`
      : undefined
  if (unusable)
    throw new Unavailable('data_folder_unusable', `The data folder ${unusable}: set FLORIN_DATA to another.`, { path })
  await mkdir(join(path, 'keys'), { recursive: true, mode: 0o700 })
  return path
}

/** Fails with `postgres_data_version` when the data were made by another major version than `binaries`. */
export async function assertVersion(cluster: Cluster, binaries: Binaries): Promise<void> {
  const made = Number((await readFile(join(cluster.path, 'PG_VERSION'), 'utf8')).trim())
  if (made === binaries.major) return
  throw new Unavailable(
    'postgres_data_version',
    `${cluster.path} was made by PostgreSQL ${made}, and this Florin brings PostgreSQL ${binaries.major}. ` +
      'Run `florin backup` with the Florin that made it, then `florin restore` with this one into an empty FLORIN_DATA.',
    { path: cluster.path, made, brought: binaries.major },
  )
}

export const SUPERUSER = 'florin_admin'

export interface Cluster {
  /** The real path of the folder that PostgreSQL calls PGDATA. */
  path: string
  /** As whom PostgreSQL runs; undefined for whoever runs Florin. */
  user: OsUser | undefined
  password: string
}

/**
 * initdb in a folder of its own, which gets the name `postgres` when it is whole and on the disk: half-made data never
 * have that name. What an interrupted attempt left is deleted; each attempt has its own name, because the initdb of a
 * killed Florin may live on for a moment and write into the old one.
 */
async function createCluster(dataDir: string, say: (what: string) => void): Promise<Cluster> {
  const user = await osUserOf(undefined)
  const binaries = await findBinaries({ user })
  const password = (await readPassword(dataDir)) ?? (await makePassword(dataDir))
  const home = await homeFor(dataDir, user, say)
  for (const name of await readdir(home))
    if (name.startsWith(UNFINISHED)) await rm(join(home, name), { recursive: true, force: true }).catch(() => undefined)

  const fresh = join(home, `${UNFINISHED}${randomBytes(4).toString('hex')}`)
  const passwordCopy = `${fresh}.password`
  await mkdir(fresh, { mode: 0o700 })
  if (user) await chown(fresh, user.uid, user.gid)
  await writeDurably(passwordCopy, password, { mode: 0o600, owner: user })
  const made = await runAs(user, binaries.initdb, [...initdbOptions, `--pgdata=${fresh}`, `--pwfile=${passwordCopy}`])
  await rm(passwordCopy)
  if (!made.ok) {
    await rm(fresh, { recursive: true, force: true })
    throw explainOutput(made.output, { what: 'PostgreSQL could not make its data folder', path: home })
  }
  const conf = join(fresh, 'postgresql.conf')
  const text = await readFile(conf, 'utf8')
  await writeDurably(conf, `${text}\ninclude 'florin.conf'\n`, { mode: 0o600, owner: user })

  const path = join(home, 'postgres')
  await rename(fresh, path)
  await syncFolder(home)
  return { path: await realpath(path), user, password }
}

/** The folder that holds `postgres`, chosen once. Whether it can be reached is asked of the system, not computed. */
async function homeFor(dataDir: string, user: OsUser | undefined, say: (what: string) => void): Promise<string> {
  const chosen = await locate(dataDir)
  if (chosen !== undefined) return join(chosen, '..')
  if (!user || (await runAs(user, '/bin/sh', ['-c', 'cd -- "$0"', dataDir])).ok) return dataDir

  await mkdir(REMOTE_HOMES, { recursive: true, mode: 0o755 })
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  const home = await mkdtemp(join(REMOTE_HOMES, `${name}-`))
  await chmod(home, 0o755)
  await syncFolder(REMOTE_HOMES)
  await writeDurably(join(dataDir, LOCATION), `${join(home, 'postgres')}\n`, { mode: 0o644 })
  say(`The OS user of PostgreSQL cannot reach ${dataDir}, so PostgreSQL's files are in ${home}.`)
  return home
}

/** Where the data are or were begun; undefined when nothing was chosen yet. */
async function locate(dataDir: string): Promise<string | undefined> {
  const within = join(dataDir, 'postgres')
  const named = (await readIfThere(join(dataDir, LOCATION)))?.trim()
  if (named === undefined) return (await exists(within)) ? within : undefined
  // The folder around is made before it is named, so if it is gone, so are data that somebody counts on.
  if (await exists(join(named, '..'))) return named
  throw new Unavailable(
    'postgres_data_missing',
    `${join(dataDir, LOCATION)} says that PostgreSQL's files are in ${named}, which is gone. ` +
      'Bring it back, or delete that file to start with an empty ledger.',
    { path: named },
  )
}

const passwordFile = (dataDir: string) => join(dataDir, 'keys', 'postgres.password')

async function readPassword(dataDir: string): Promise<string | undefined> {
  const text = (await readIfThere(passwordFile(dataDir)))?.trim()
  return text === '' ? undefined : text
}

async function makePassword(dataDir: string): Promise<string> {
  const password = randomBytes(32).toString('hex')
  await writeDurably(passwordFile(dataDir), `${password}\n`, { mode: 0o600 })
  return password
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(absent)) !== undefined
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

const LOCATION = 'postgres.location'
const UNFINISHED = 'postgres.new-'
const REMOTE_HOMES = '/var/lib/florin'
/** PostgreSQL and initdb hold paths in 1,024 bytes and put names of files behind this one. */
const PATH_LIMIT_BYTES = 900

// The built-in provider sorts the same on every system: no index breaks when a C library changes its mind.
const initdbOptions = [
  `--username=${SUPERUSER}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--data-checksums',
  '--no-instructions',
]
