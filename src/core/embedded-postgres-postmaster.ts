import { execFile } from 'node:child_process'
import { readFile, readlink, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

import { type OsUser, runAs } from './embedded-postgres-user.ts'
import { Unavailable } from './errors.ts'

/**
 * The postmaster that serves `cluster`, as its postmaster.pid tells; undefined when there is none. A pid is believed
 * only when that process is a postgres in this folder: pids are used again.
 */
export async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const file = await readLockFile(join(cluster, PID_FILE))
  return file && (await identify(file.pid, cluster)) === 'ours' ? file : undefined
}

/**
 * Removes the lock files of a dead server whose pid is another process's by now, or that of a zombie that nobody buries:
 * PostgreSQL would take either for a running server. To be called where no server can be starting at the same time.
 */
export async function clearReusedPids(cluster: string, socketFolder: string): Promise<void> {
  const locks = [
    { path: join(cluster, PID_FILE), heldBy: ['ours'] },
    { path: join(socketFolder, SOCKET_LOCK), heldBy: ['ours', 'another server'] },
  ]
  for (const { path, heldBy } of locks) {
    const lock = await readLockFile(path)
    if (lock && isAlive(lock.pid) && !heldBy.includes(await identify(lock.pid, cluster)))
      await rm(path, { force: true })
  }
}

/** Waits until the postmaster of `cluster` accepts connections; undefined when it is or goes away before that. */
export async function readyPostmaster(cluster: string, { signal, say }: ReadyOptions): Promise<Postmaster | undefined> {
  const began = performance.now()
  for (let told = false; ;) {
    const found = await findPostmaster(cluster)
    if (!found || found.ready) return found
    const waited = performance.now() - began
    if (waited > READY_LIMIT_MS)
      throw new Unavailable(
        'postgres_not_ready',
        `PostgreSQL (process ${found.pid}) has been starting or stopping for ${Math.round(waited / 60_000)} minutes, and goes on. Its log says with what.`,
        { pid: found.pid },
      )
    if (waited > TELL_AFTER_MS && !told) {
      told = true
      say('PostgreSQL is still starting or stopping. After a crash it replays its log, which can take minutes.')
    }
    await sleep(POLL_MS, undefined, { signal })
  }
}

/**
 * Ends the postmaster and waits until it is gone: fast shutdown, which breaks off what runs and writes a checkpoint,
 * then, if that takes too long, immediate shutdown, after which the next start replays the log. The folder of its socket
 * goes with it, also when it had died before.
 */
export async function stopPostmaster({ pid, socketFolder }: Postmaster, cluster: string): Promise<void> {
  for (const { signal, limit_ms } of shutdowns) {
    if ((await identify(pid, cluster)) === 'ours') process.kill(pid, signal)
    if (await isGone(pid, cluster, limit_ms)) return rm(socketFolder, { recursive: true, force: true })
  }
  throw new Unavailable(
    'postgres_does_not_stop',
    `PostgreSQL (process ${pid}) does not stop. See its log, then end it with kill -QUIT ${pid}.`,
    { pid },
  )
}

/**
 * Ends what a killed postmaster left behind. Its processes notice its death when they next wait for something, so one in
 * the middle of a long query would keep the next server from starting until the query is done. SIGQUIT is what the
 * postmaster itself would send them. Run as their own user, who may see in which folder they work; without /proc it
 * finds none.
 */
export async function endOrphans({ cluster, user }: { cluster: string; user: OsUser | undefined }): Promise<void> {
  const script = `
    for process in /proc/[0-9]*; do
      name=; read -r name < "$process/comm"
      if [ "$name" = postgres ] && [ "$(readlink "$process/cwd")" = "$0" ]; then kill -QUIT "\${process#/proc/}"; fi
    done 2> /dev/null`
  await runAs(user, '/bin/sh', ['-c', script, cluster])
}

export interface Postmaster {
  pid: number
  socketFolder: string
  ready: boolean
}

const PID_FILE = 'postmaster.pid'
const SOCKET_LOCK = '.s.PGSQL.5432.lock'

const shutdowns = [
  { signal: 'SIGINT', limit_ms: 60_000 },
  { signal: 'SIGQUIT', limit_ms: 15_000 },
] as const

/** Crash recovery of 4 GB of log on a slow disk. */
const READY_LIMIT_MS = 10 * 60_000
const TELL_AFTER_MS = 5000
const POLL_MS = 5

/** postmaster.pid or the lock of a socket: both begin alike, and either may be half written. */
async function readLockFile(path: string): Promise<Postmaster | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (text === undefined) return undefined
  const [pid, , , , socketFolder = '', , , status = ''] = text.split('\n')
  return { pid: Number(pid), socketFolder, ready: status.trim() === 'ready' }
}

async function isGone(pid: number, cluster: string, limit_ms: number): Promise<boolean> {
  const deadline = performance.now() + limit_ms
  while ((await identify(pid, cluster)) === 'ours') {
    if (performance.now() > deadline) return false
    await sleep(POLL_MS)
  }
  return true
}

/** As PostgreSQL sees it: zombies live, and who may not be signalled is nobody's server. */
function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function identify(pid: number, cluster: string): Promise<Identity> {
  if (!isAlive(pid)) return 'no server'
  return process.platform === 'linux' ? identifyByProc(pid, cluster) : identifyByPs(pid, cluster)
}

async function identifyByProc(pid: number, cluster: string): Promise<Identity> {
  // Empty when it is a zombie.
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const [program = '', ...args] = command.split('\0')
  if (basename(program) !== 'postgres') return 'no server'
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
  if (folder !== undefined) return folder === cluster ? 'ours' : 'another server'
  // In a container even root may not be allowed to look. The folder that it was started with may have been moved since.
  const named = args[args.indexOf('-D') + 1] ?? ''
  return named === cluster || (await stat(named).catch(() => undefined)) === undefined ? 'ours' : 'another server'
}

async function identifyByPs(pid: number, cluster: string): Promise<Identity> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'stat=,command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  if (!stdout.includes('postgres') || stdout.trimStart().startsWith('Z')) return 'no server'
  return stdout.includes(cluster) ? 'ours' : 'another server'
}

type Identity = 'ours' | 'another server' | 'no server'

interface ReadyOptions {
  signal: AbortSignal
  say: (what: string) => void
}
