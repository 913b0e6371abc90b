import { createHash } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, open, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'

import { z } from 'zod'

import { syncFolder } from './durable-file.ts'
import { type OsUser, runAs } from './embedded-postgres-user.ts'
import { Unavailable } from './errors.ts'
import { withProcessLock } from './process-lock.ts'

/**
 * The PostgreSQL programs of the npm package for this machine, where `user` can run them: where npm put them, or, when
 * that is out of the user's reach (a checkout in /root, packages installed without their scripts, a path that a shell
 * would misread), in a copy in a cache folder that all versions and checkouts share.
 * Fails with `postgres_binaries_missing` when there is no package, `postgres_binaries_broken` when they do not run.
 */
export async function findBinaries({ user, native = packaged(), cache = cacheFolder() }: Options): Promise<Binaries> {
  // initdb hands the path of postgres to a shell between double quotes, and holds it in 1,024 bytes.
  const plain = !/["$`\\\n]/.test(native) && Buffer.byteLength(native) < 900
  const direct = plain ? await tryOut(native, user) : undefined
  if (direct?.ok) return direct.binaries

  const staged = await tryOut(await stage(native, cache), user)
  if (staged.ok) return staged.binaries
  throw new Unavailable(
    'postgres_binaries_broken',
    `The PostgreSQL of the package does not run on this machine (${staged.output}). Set DATABASE_URL to a PostgreSQL 15 or newer.`,
  )
}

export interface Binaries {
  initdb: string
  postgres: string
  /** Which data folders it can open: 18. */
  major: number
}

function packaged(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch {
    throw new Unavailable(
      'postgres_binaries_missing',
      `The package ${name} is not installed. Run npm install without --omit=optional; if there is none for this machine, set DATABASE_URL to a PostgreSQL 15 or newer.`,
      { package: name },
    )
  }
}

async function tryOut(native: string, user: OsUser | undefined): Promise<TryOut> {
  const initdb = join(native, 'bin', 'initdb')
  const postgres = join(native, 'bin', 'postgres')
  const answers = await Promise.all([runAs(user, postgres, ['--version']), runAs(user, initdb, ['--version'])])
  const refusal = answers.find((answer) => !answer.ok)
  if (refusal) return { ok: false, output: refusal.output }
  const major = /\(PostgreSQL\) (\d+)/.exec(answers[0].output)?.[1]
  if (major === undefined) return { ok: false, output: answers[0].output }
  return { ok: true, binaries: { initdb, postgres, major: Number(major) } }
}

/** Copies the programs into `cache`, once: a finished copy is told by its name, which it gets last. */
async function stage(native: string, cache: string): Promise<string> {
  const postgres = await readFile(join(native, 'bin', 'postgres'))
  const { version } = manifest.parse(JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')))
  const digest = createHash('sha256').update(postgres).digest('hex').slice(0, 8)
  await mkdir(cache, { recursive: true, mode: 0o755 })
  await assertOurs(cache)
  await chmod(cache, 0o755)

  const target = join(cache, `postgres-${version}-${digest}`)
  await withProcessLock(target, { limit_ms: STAGING_LIMIT_MS }, async () => {
    if (await isFolder(target)) return
    const fresh = `${target}.new`
    await rm(fresh, { recursive: true, force: true })
    await copyPrograms(native, fresh)
    await rename(fresh, target)
    await syncFolder(cache)
  })
  return target
}

async function copyPrograms(from: string, to: string): Promise<void> {
  const found = await readdir(from, { recursive: true, withFileTypes: true })
  const pathsOf = (entries: Dirent[]) =>
    entries.map((entry) => relative(from, join(entry.parentPath, entry.name))).filter((path) => !UNUSED.test(path))
  for (const path of ['', ...pathsOf(found.filter((entry) => entry.isDirectory())).toSorted()]) {
    await mkdir(join(to, path))
    await chmod(join(to, path), 0o755)
  }
  const files = pathsOf(found.filter((entry) => entry.isFile()))
  const lanes = Array.from({ length: COPY_LANES }, async () => {
    for (let path = files.pop(); path !== undefined; path = files.pop())
      await copyDurably(join(from, path), join(to, path))
  })
  await Promise.all(lanes)
  // npm packages hold no links: an install script of the package makes them, which may not have been allowed to run.
  const links = linkList.parse(JSON.parse(await readFile(join(from, 'pg-symlinks.json'), 'utf8')))
  for (const { source, target } of links)
    await symlink(relative(dirname(target), source), join(to, relative('native', target)))
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  await chmod(to, basename(dirname(to)) === 'bin' ? 0o755 : 0o644)
  const file = await open(to)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Root's copies are in a folder for all users, which only root may write to. */
function cacheFolder(): string {
  return process.getuid?.() === 0 ? '/var/cache/florin' : join(homedir(), '.cache', 'florin')
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() ?? false
}

/** What lies in the cache is run: nobody else may have been able to put it there. */
async function assertOurs(folder: string): Promise<void> {
  const { uid, mode } = await lstat(folder)
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return
  throw new Unavailable(
    'postgres_binaries_broken',
    `Others can write to ${folder}, where Florin keeps a copy of PostgreSQL: delete it, or chown it to you and chmod 755.`,
    { path: folder },
  )
}

const manifest = z.object({ version: z.string() })
/** Paths from the package's folder. */
const linkList = z.array(z.object({ source: z.string(), target: z.string() }))

const STAGING_LIMIT_MS = 120_000
const COPY_LANES = 8
/** What only those who compile against PostgreSQL need. */
const UNUSED = /\.a$|\/pgxs(\/|$)|\/pkgconfig(\/|$)/

interface Options {
  user: OsUser | undefined
  /** The package's folder with bin, lib and share. */
  native?: string
  cache?: string
}

type TryOut = { ok: true; binaries: Binaries } | { ok: false; output: string }
