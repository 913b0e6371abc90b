import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'

import { Unavailable } from './errors.ts'

/**
 * Whom PostgreSQL runs as: undefined for whoever runs Florin. Root may not run it, so root runs existing data as their
 * owner, and new data as the OS user `postgres`, which is created where it is missing.
 * Fails with `postgres_data_foreign` when the data belong to another user, `os_user_missing` when none can be created.
 */
export async function osUserOf(cluster: string | undefined): Promise<OsUser | undefined> {
  const own = process.getuid?.()
  if (cluster === undefined) return own === 0 ? ensureOsUser('postgres') : undefined
  const { uid, gid } = await stat(cluster)
  if (uid === own && uid !== 0) return undefined
  if (own === 0 && uid !== 0) return { uid, gid }
  throw new Unavailable(
    'postgres_data_foreign',
    own === 0
      ? `${cluster} belongs to root, whom PostgreSQL refuses to run as: give it to the user postgres (chown -R).`
      : `${cluster} belongs to another user (uid ${uid}): run Florin as that user, or as root.`,
    { path: cluster, uid },
  )
}

/** The ids of the OS user `name`, created as a system user when there is none; only root can do that. */
export async function ensureOsUser(name: string): Promise<OsUser> {
  const known = await lookUp(name)
  if (known) return known
  // shadow-utils (Debian, Fedora, Arch; the second where the group is there already), Debian's adduser, BusyBox (Alpine)
  const attempts: [string, string[]][] = [
    ['useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', name]],
    ['useradd', ['--system', '--gid', name, '--no-create-home', '--shell', '/bin/false', name]],
    ['adduser', ['--system', '--group', '--no-create-home', '--shell', '/bin/false', name]],
    ['adduser', ['-S', '-D', '-H', '-s', '/bin/false', name]],
  ]
  const refusals: string[] = []
  for (const [command, args] of attempts) {
    const { ok, output } = await runAs(undefined, command, args)
    const created = ok ? await lookUp(name) : undefined
    if (created) return created
    refusals.push(`${command}: ${output}`)
  }
  throw new Unavailable(
    'os_user_missing',
    `PostgreSQL does not run as root, and the OS user "${name}" could not be created (${refusals.join('; ')}). ` +
      'Create it, run Florin as an ordinary user, or set DATABASE_URL.',
    { user: name },
  )
}

/**
 * Runs a program to its end as `user`, away from our folder and our environment: both may hold what is not for it.
 * `output` is what it printed, or why it could not be run.
 */
export function runAs(
  user: OsUser | undefined,
  file: string,
  args: string[],
): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(file, args, { ...user, cwd: '/', env: plainEnvironment }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim()
      resolve({ ok: error === null, output: output || (error?.message ?? '') })
    })
  })
}

/** No secret of ours, and no PG… variable or locale that would change what PostgreSQL does. */
export const plainEnvironment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

export interface OsUser {
  uid: number
  gid: number
}

async function lookUp(name: string): Promise<OsUser | undefined> {
  const [uid, gid] = await Promise.all([runAs(undefined, 'id', ['-u', name]), runAs(undefined, 'id', ['-g', name])])
  return uid.ok && gid.ok ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined
}
