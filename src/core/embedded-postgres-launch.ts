import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chown, type FileHandle, lstat, mkdir, open, readFile, rename, rmdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { writeDurably } from './durable-file.ts'
import { findBinaries } from './embedded-postgres-binaries.ts'
import { assertVersion, type Cluster } from './embedded-postgres-cluster.ts'
import { explainOutput, orphansLinger } from './embedded-postgres-failure.ts'
import {
  clearReusedPids,
  endOrphans,
  findPostmaster,
  type Postmaster,
  readyPostmaster,
} from './embedded-postgres-postmaster.ts'
import { postgresConf, type PostgresSettings } from './embedded-postgres-settings.ts'
import { plainEnvironment } from './embedded-postgres-user.ts'
import { Unavailable } from './errors.ts'

/**
 * Starts the postmaster of `cluster`, apart from us: it outlives our death, and a Ctrl-C at us does not reach it.
 * Answers when it accepts connections. Processes of a killed one that still hold its memory are ended first.
 * To be called by one process at a time, when none is running.
 */
export async function launchPostmaster(options: LaunchOptions): Promise<Postmaster> {
  const { cluster, logFile, settings, signal, say } = options
  const binaries = await findBinaries({ user: cluster.user })
  await assertVersion(cluster, binaries)
  const socketFolder = await socketFolderOf(cluster)
  await clearReusedPids(cluster.path, socketFolder)
  const conf = postgresConf(settings)
  await writeDurably(join(cluster.path, 'florin.conf'), conf, { mode: 0o600, owner: cluster.user })

  const deadline = performance.now() + LINGER_LIMIT_MS
  for (;;) {
    const log = await openLog(logFile)
    const started = start({ postgres: binaries.postgres, cluster, socketFolder, fd: log.file.fd })
    await log.file.close()
    if (await firstSign(cluster.path, started)) {
      const ready = await readyPostmaster(cluster.path, { signal, say })
      if (ready) return ready
    }
    const output = started.failure?.message ?? (await log.added())
    if (!orphansLinger(output) || performance.now() > deadline) {
      await rmdir(socketFolder).catch(() => undefined)
      throw explainOutput(output, { what: 'PostgreSQL could not be started', path: cluster.path })
    }
    await endOrphans({ cluster: cluster.path, user: cluster.user })
    await sleep(LINGER_RETRY_MS, undefined, { signal })
  }
}

function start({ postgres, cluster, socketFolder, fd }: StartOptions): Started {
  const child = spawn(postgres, ['-D', cluster.path, '-k', socketFolder], {
    ...cluster.user,
    cwd: '/',
    env: plainEnvironment,
    detached: true,
    stdio: ['ignore', fd, fd],
  })
  const started: Started = { child, failure: undefined }
  child.once('error', (error) => {
    started.failure = error
  })
  child.unref()
  return started
}

/** True when the new process has put its pid into postmaster.pid, false when it ended before. */
async function firstSign(cluster: string, started: Started): Promise<boolean> {
  const { child } = started
  while (!started.failure && child.exitCode === null && child.signalCode === null) {
    const found = await findPostmaster(cluster)
    if (found && found.pid === child.pid) return true
    await sleep(POLL_MS)
  }
  return false
}

/**
 * The folder of the socket: always the same for a cluster, so that a connection string survives a restart, and short,
 * because the path of a socket ends at 103 bytes on some systems. A folder of that name that is not ours is passed over.
 */
async function socketFolderOf({ path, user }: Cluster): Promise<string> {
  const owner = user?.uid ?? process.getuid?.()
  const name = `florin-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`
  // Not XDG_RUNTIME_DIR: it is deleted when its user logs out, and the server may go on.
  const roots = process.getuid?.() === 0 ? ['/run', '/tmp', tmpdir()] : ['/tmp', tmpdir()]
  for (const folder of roots.map((root) => join(root, name))) {
    if (Buffer.byteLength(folder) > SOCKET_FOLDER_LIMIT_BYTES) continue
    try {
      await mkdir(folder, { mode: 0o700 })
      if (user) await chown(folder, user.uid, user.gid)
    } catch {
      // It exists already, or cannot exist here: the next lines tell.
    }
    const found = await lstat(folder).catch(() => undefined)
    if (found?.isDirectory() && found.uid === owner && (found.mode & 0o077) === 0) return folder
  }
  throw new Unavailable(
    'data_folder_denied',
    `None of ${roots.join(', ')} can hold the folder of PostgreSQL's socket. Make /tmp writable (chmod 1777), or delete ${name} there.`,
  )
}

/** Opened by us for both sides, so that it can lie where PostgreSQL's OS user cannot reach. */
async function openLog(path: string): Promise<{ file: FileHandle; added: () => Promise<string> }> {
  const before = await stat(path).catch(() => undefined)
  if (before && before.size > LOG_LIMIT_BYTES) await rename(path, `${path}.1`)
  const file = await open(path, 'a', 0o600)
  // Root may start what another user's data folder holds; the log stays writable for that user.
  const { uid, gid } = await stat(dirname(path))
  if (process.getuid?.() === 0) await file.chown(uid, gid)
  const { size } = await file.stat()
  return { file, added: async () => (await readFile(path)).subarray(size).toString() }
}

interface LaunchOptions {
  cluster: Cluster
  logFile: string
  settings: PostgresSettings
  signal: AbortSignal
  say: (what: string) => void
}

const LINGER_LIMIT_MS = 30_000
const LINGER_RETRY_MS = 100
const LOG_LIMIT_BYTES = 16 * 1024 * 1024
const POLL_MS = 5
/** 103 bytes less the name of the socket, on macOS. */
const SOCKET_FOLDER_LIMIT_BYTES = 85

interface StartOptions {
  postgres: string
  cluster: Cluster
  socketFolder: string
  fd: number
}

interface Started {
  child: ChildProcess
  failure: Error | undefined
}
