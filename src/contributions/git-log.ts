/*
 * What git tells of commits, read from `git diff-tree --stdin -z --raw --numstat`: fields that end with a null byte,
 * which neither paths nor names can hold.
 */

/** What `--format` is for readCommits. */
export const COMMIT_FORMAT = [
  '%x01%H',
  '%at',
  '%ae',
  '%an',
  '%ce',
  '%cn',
  '%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x01)',
  '%(trailers:key=Reviewed-by,valueonly,unfold,separator=%x01)',
].join('%x00')

/** The commits in the order in which they come, each once it is whole. */
export async function* readCommits(chunks: AsyncIterable<Buffer>): AsyncGenerator<GitCommit> {
  let commit: GitCommit | undefined
  const fields = fieldsOf(chunks)
  const next = async () => {
    const { value, done } = await fields.next()
    if (done) throw new Error('git ended in the middle of a commit.')
    return value
  }
  for (let step = await fields.next(); !step.done; step = await fields.next()) {
    const field = step.value.replace(/^\n/, '')
    if (field.startsWith(HEADER)) {
      if (commit) yield commit
      commit = await readHeader(field.slice(HEADER.length), next)
      continue
    }
    if (!commit) throw new Error('git told of a file before any commit.')
    if (field.startsWith(':')) await readChange(commit, field, next)
    else await readSize(commit, field, next)
  }
  if (commit) yield commit
}

export interface GitCommit {
  hash: string
  /** Seconds since 1970, of the author's clock. */
  at: number
  author: GitPerson
  committer: GitPerson
  coauthors: GitPerson[]
  reviewers: GitPerson[]
  /** By the path of afterwards; of what was deleted, of before. */
  changes: Map<string, GitChange>
}

export interface GitPerson {
  email: string
  name: string
}

export interface GitChange {
  /** The letter of git: A, M, D, R, T. */
  status: string
  /** A repository within the repository. */
  submodule: boolean
  /** Only its rights have changed. */
  sameContent: boolean
  added: number
  removed: number
}

const HEADER = '\u0001'
const SUBMODULE = '160000'
const NUL = 0

async function readHeader(hash: string, next: () => Promise<string>): Promise<GitCommit> {
  const at = await next()
  const author = { email: await next(), name: await next() }
  const committer = { email: await next(), name: await next() }
  const coauthors = peopleOf(await next())
  const reviewers = peopleOf(await next())
  return { hash, at: wholeOf(at), author, committer, coauthors, reviewers, changes: new Map() }
}

async function readChange({ changes }: GitCommit, field: string, next: () => Promise<string>): Promise<void> {
  const [before = '', after = '', blobBefore, blobAfter, status = ''] = field.slice(1).split(' ')
  const path = await next()
  const changed = status.startsWith('R') || status.startsWith('C') ? await next() : path
  changes.set(changed, {
    status: status.slice(0, 1),
    submodule: before === SUBMODULE || after === SUBMODULE,
    sameContent: blobBefore === blobAfter,
    added: 0,
    removed: 0,
  })
}

async function readSize({ changes }: GitCommit, field: string, next: () => Promise<string>): Promise<void> {
  const [added = '', removed = '', ...rest] = field.split('\t')
  let path = rest.join('\t')
  if (path === '') {
    await next()
    path = await next()
  }
  const change = changes.get(path)
  if (change) Object.assign(change, { added: wholeOf(added), removed: wholeOf(removed) })
}

/** `Ada <ada@example.org>`, several of them apart by the header's character. */
function peopleOf(trailers: string): GitPerson[] {
  return trailers
    .split(HEADER)
    .filter((text) => text.trim() !== '')
    .map((text) => {
      const [, name = '', email = ''] = /^([^<]*)<([^<>]*)>/.exec(text) ?? ['', text]
      return { name: name.trim(), email: email.trim() }
    })
}

/** What is no number, such as the `-` of a binary file, is 0. */
function wholeOf(text: string): number {
  return /^-?\d{1,15}$/.test(text) ? Math.trunc(+text) : 0
}

async function* fieldsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, undefined> {
  let rest: Buffer[] = []
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NUL); end >= 0; end = chunk.indexOf(NUL, start)) {
      rest.push(chunk.subarray(start, end))
      yield Buffer.concat(rest).toString()
      rest = []
      start = end + 1
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
  }
  return undefined
}
