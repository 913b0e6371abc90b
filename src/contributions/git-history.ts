import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { Invalid } from '../core/errors.ts'
import { COMMIT_FORMAT, type GitChange, type GitCommit, type GitPerson, readCommits } from './git-log.ts'
import { type CommitGraph, orderCommits, type OrderedCommit } from './git-order.ts'
import type { Source } from './lines.ts'

/**
 * The history of a git repository as lines of the wiki-history format, one for each file that a commit changed, in an
 * order that only ever grows (see orderCommits), read from git as it goes. docs/systems/kontrib.md says what becomes of
 * renames, merges and reviewers. People are told by pseudonyms.
 * Fails: git_missing, git_failed, git_history_shallow.
 */
export async function gitHistory(path: string, { key, files }: { key: Buffer; files?: RegExp }): Promise<Source> {
  const shallow = await ask(path, ['rev-parse', '--is-shallow-repository'])
  if (shallow.trim() === 'true') {
    throw new Invalid(
      'git_history_shallow',
      `${path} has only the end of its history. Run "git fetch --unshallow" in it first.`,
    )
  }
  const head = (await ask(path, ['rev-parse', '--verify', 'HEAD^{commit}'])).trim()
  const pseudonym = (person: GitPerson) => pseudonymOf(key, person)
  const ordered = orderCommits(await readGraph(path, { head, pseudonym }), head)
  let done = 0
  async function* lines(): AsyncGenerator<string> {
    const mergers = new Map(ordered.map(({ commit, merger }) => [commit, merger]))
    for await (const commit of commitsOf(path, ordered)) {
      const of = { pseudonym, merger: mergers.get(commit.hash) ?? null, files }
      const text = linesOf(commit, of)
      done += 1
      if (text !== '') yield text
    }
  }
  const name = basename(resolve(path)).slice(0, NAME_MAX) || 'git'
  return { name, stream: Readable.from(lines()), total: ordered.length, done: () => done }
}

/**
 * The username of a repository's author: their e-mail address under a key that stays here. Capitals make no difference,
 * nor does the number that GitHub puts before its own addresses. Without an address the name counts.
 */
export function pseudonymOf(key: Buffer, { email, name }: GitPerson): string {
  const address = email
    .trim()
    .toLowerCase()
    .replace(/^\d+\+(.+@users\.noreply\.github\.com)$/, '$1')
  const who = address === '' ? `name:${name.trim()}` : address
  return `w${createHmac('sha256', key).update(who).digest('hex').slice(0, PSEUDONYM_LENGTH)}`
}

const PSEUDONYM_LENGTH = 16
const NAME_MAX = 200
const LINES_MAX = 1_000_000
const STDERR_MAX = 2_000

/** In whose name GitHub commits what was merged on its pages. */
const NOBODY = new Set(['noreply@github.com'])

/** Nothing that the repository or its user has configured may change what is read, run a program or ask anybody. */
const GIT = [
  '--no-replace-objects',
  '--no-optional-locks',
  '--no-pager',
  ...[
    'core.fsmonitor=false',
    'log.showSignature=false',
    'i18n.logOutputEncoding=UTF-8',
    'diff.algorithm=myers',
  ].flatMap((setting) => ['-c', setting]),
]

const KINDS: Readonly<Record<string, string>> = {
  A: 'create',
  C: 'create',
  M: 'edit',
  T: 'edit',
  D: 'delete',
  R: 'rename',
}

function linesOf(commit: GitCommit, { pseudonym, merger, files }: LinesOf): string {
  const author = pseudonym(commit.author)
  const common = {
    commit: commit.hash,
    at: timeOf(commit.at),
    author,
    coauthors: [...new Set(commit.coauthors.map(pseudonym))].slice(0, COAUTHORS_MAX),
    reviewer: reviewerOf(commit, { pseudonym, merger, author }),
  }
  return Array.from(commit.changes, ([path, change]) => {
    const page = pageOf(path, files)
    const kind = KINDS[change.status]
    if (!page || kind === undefined || change.submodule || (kind === 'edit' && change.sameContent)) return ''
    return `${JSON.stringify({ ...common, ...page, change: kind, ...sizeOf(change) })}\n`
  }).join('')
}

const COAUTHORS_MAX = 100

/** Who says that they reviewed it; else who put somebody else's work in, or merged it. */
function reviewerOf(commit: GitCommit, { pseudonym, merger, author }: ReviewerOf): string | null {
  const [reviewer] = commit.reviewers
  if (reviewer) return pseudonym(reviewer)
  const committer = NOBODY.has(commit.committer.email.toLowerCase()) ? null : pseudonym(commit.committer)
  return [committer, merger].find((who) => who !== null && who !== author) ?? null
}

function pageOf(path: string, files: RegExp | undefined): { article: string; language: string } | null {
  if (!files) return { article: path, language: 'en' }
  const match = files.exec(path)
  return match && { article: match.groups?.['article'] ?? path, language: match.groups?.['language'] ?? 'en' }
}

function sizeOf({ added, removed }: GitChange): { added: number; removed: number } {
  return { added: Math.min(added, LINES_MAX), removed: Math.min(removed, LINES_MAX) }
}

/** What is no time of ours is handed on as it is, for the line to be refused. */
function timeOf(seconds: number): string {
  const time = new Date(seconds * 1_000)
  return Number.isNaN(time.getTime()) ? `${seconds}` : time.toISOString().replace('.000Z', 'Z')
}

async function readGraph(path: string, { head, pseudonym }: ReadGraph): Promise<CommitGraph> {
  const graph = new Map<string, { parents: string[]; author: string }>()
  const format = '--format=%H%x00%P%x00%ae%x00%an'
  let rest = ''
  for await (const chunk of run(path, ['log', '--topo-order', format, head])) {
    const lines = `${rest}${chunk.toString('latin1')}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [hash = '', parents = '', email = '', name = ''] = Buffer.from(line, 'latin1').toString().split('\0')
      graph.set(hash, { parents: parents.split(' ').filter(Boolean), author: pseudonym({ email, name }) })
    }
  }
  return graph
}

function commitsOf(path: string, ordered: readonly OrderedCommit[]): AsyncGenerator<GitCommit> {
  const hashes = Readable.from(
    (function* () {
      for (const { commit } of ordered) yield `${commit}\n`
    })(),
  )
  // As text even where git takes a file for binary: what it takes for that depends on files outside of the history.
  const how = ['--stdin', '--root', '-r', '-z', '--raw', '--numstat', '--text', '-M50%', '-l2000', '--no-ext-diff']
  return readCommits(run(path, ['diff-tree', ...how, '--no-textconv', `--format=${COMMIT_FORMAT}`], hashes))
}

async function ask(path: string, args: readonly string[]): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of run(path, args)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** What git writes. Fails: git_missing, git_failed. */
async function* run(path: string, args: readonly string[], input?: Readable): AsyncGenerator<Buffer> {
  const child = spawn('git', ['-C', path, ...GIT, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<{ code: number | null; missing: boolean }>((settle) => {
    child.on('error', () => settle({ code: null, missing: true }))
    child.on('close', (code) => settle({ code, missing: false }))
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < STDERR_MAX) said += chunk.toString()
  })
  // Where git ends early, that it did is what is told.
  if (input) pipeline(input, child.stdin).catch(() => undefined)
  else child.stdin.on('error', () => undefined).end()
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer
    const { code, missing } = await ended
    if (missing)
      throw new Invalid('git_missing', 'There is no git on this machine. Install it, and run the same again.')
    if (code !== 0) {
      const reason = said.trim().split('\n').at(-1) ?? ''
      throw new Invalid('git_failed', `git cannot read ${path}: ${reason.slice(0, STDERR_MAX)}`, { path })
    }
  } finally {
    child.kill()
  }
}

interface LinesOf {
  pseudonym: (person: GitPerson) => string
  merger: string | null
  files: RegExp | undefined
}

interface ReviewerOf {
  pseudonym: (person: GitPerson) => string
  merger: string | null
  author: string
}

interface ReadGraph {
  head: string
  pseudonym: (person: GitPerson) => string
}
