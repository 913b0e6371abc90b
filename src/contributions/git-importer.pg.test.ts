import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { testWiki, type TestWiki, week } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { gitPseudonym, importGit } from './contributions.ts'

const ADA = { name: 'Ada', email: 'ada@example.org' }
const BOB = { name: 'Bob', email: 'bob@example.org' }
const CYD = { name: 'Cyd', email: 'cyd@example.org' }
type Person = typeof ADA

/** A repository in a folder of its own; commits are an hour apart, from the test's first week on. */
async function testRepository(): Promise<Repository> {
  const path = await mkdtemp(join(tmpdir(), 'florin-git-'))
  let hours = 0
  const git = (args: readonly string[], { author = ADA, committer = author }: By = {}) => {
    const at = new Date(week(0).getTime() + hours * 3_600_000).toISOString()
    return execFileSync('git', ['-C', path, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        HOME: path,
        GIT_AUTHOR_NAME: author.name,
        GIT_AUTHOR_EMAIL: author.email,
        GIT_AUTHOR_DATE: at,
        GIT_COMMITTER_NAME: committer.name,
        GIT_COMMITTER_EMAIL: committer.email,
        GIT_COMMITTER_DATE: at,
      },
    })
  }
  git(['init', '-q', '-b', 'main'])
  const commit = (message = 'A change', by?: By) => {
    hours += 1
    git(['add', '-A'])
    git(['commit', '-q', '--allow-empty', '-m', message], by)
  }
  return {
    path,
    git,
    commit,
    write: async (file, lines) => {
      await mkdir(dirname(join(path, file)), { recursive: true })
      await writeFile(join(path, file), Array.from({ length: lines }, (_, i) => `${file} ${i}\n`).join(''))
    },
    [Symbol.asyncDispose]: async () => await rm(path, { recursive: true }),
  }
}

interface By {
  author?: Person
  committer?: Person
}

interface Repository extends AsyncDisposable {
  path: string
  git(args: readonly string[], by?: By): string
  commit(message?: string, by?: By): void
  write(file: string, lines: number): Promise<void>
}

async function read(t: TestWiki, path: string, options: Partial<Parameters<typeof importGit>[1]> = {}) {
  if (t.clock.now() < week(40)) t.clock.set(week(40))
  return await importGit(t.db, { path, onError: 'stop', actor: 'cli:test', clock: t.clock, ...options })
}

/** Who did what to what, in the order in which it was recorded, by the names of these people. */
async function work(t: TestWiki) {
  const names = new Map<string, string>()
  for (const { name, email } of [ADA, BOB, CYD]) {
    names.set(await transaction(t.db, async (tx) => await gitPseudonym(tx, email)), name)
  }
  const rows = await t.db
    .selectFrom('contributions.contribution as contribution')
    .innerJoin('contributions.contributor as contributor', 'contributor.id', 'contribution.contributor')
    .innerJoin('identity.person as person', 'person.id', 'contributor.person')
    .innerJoin('contributions.article as article', 'article.id', 'contribution.article')
    .select(['person.username', 'contribution.type', 'article.name'])
    .orderBy('contribution.id')
    .execute()
  return rows.map(({ username, type, name }) => `${names.get(username) ?? username} ${type} ${name}`)
}

describe('a repository', () => {
  test('brings a creation, edits, renames and deletions, to those who made them', async () => {
    await using t = await testWiki()
    await using r = await testRepository()
    await r.write('a.md', 5)
    r.commit()
    await r.write('a.md', 25)
    r.commit('Much more', { author: BOB, committer: BOB })
    await r.write('a.md', 26)
    r.commit('A line\n\nCo-authored-by: Cyd <cyd@example.org>', { author: ADA })
    await rename(join(r.path, 'a.md'), join(r.path, 'ä b.md'))
    r.commit()
    r.git(['rm', '-q', 'ä b.md'])
    r.commit()
    r.commit('Nothing')
    expect(await read(t, r.path)).toMatchObject({ lines: 5, refused: 0, people: 3, articles: 2 })
    expect(await work(t)).toEqual([
      'Ada creation a.md',
      'Bob major_edit a.md',
      'Ada minor_edit a.md',
      'Cyd minor_edit a.md',
      'Ada minor_edit ä b.md',
    ])
  })

  test('credits as a review what a trailer says, else whoever put in or merged another’s work', async () => {
    await using t = await testWiki()
    await using r = await testRepository()
    await r.write('a.md', 5)
    r.commit('One\n\nReviewed-by: Cyd <CYD@example.org>')
    await r.write('b.md', 5)
    r.commit('Two', { author: BOB, committer: ADA })
    await r.write('c.md', 5)
    r.commit('Three', { author: BOB, committer: { name: 'GitHub', email: 'noreply@github.com' } })
    r.git(['checkout', '-q', '-b', 'side'])
    await r.write('d.md', 5)
    r.commit('Four', { author: BOB })
    r.git(['checkout', '-q', 'main'])
    await r.write('e.md', 5)
    r.commit('Five')
    r.git(['merge', '-q', '--no-ff', '-m', 'Merge', 'side'], { author: CYD })
    await read(t, r.path)
    expect(await work(t)).toEqual([
      'Ada creation a.md',
      'Cyd review a.md',
      'Bob creation b.md',
      'Ada review b.md',
      'Bob creation c.md',
      'Ada creation e.md',
      'Bob creation d.md',
      'Cyd review d.md',
    ])
  })

  test('changes nothing when it is read again; grown by commits and merges of old branches, it brings what is new', async () => {
    await using t = await testWiki()
    await using r = await testRepository()
    await r.write('a.md', 5)
    r.commit()
    r.git(['branch', 'old'])
    await r.write('b.md', 5)
    r.commit()
    await read(t, r.path)
    const before = await t.outcome()
    expect(await read(t, r.path)).toMatchObject({ linesBefore: 2, lines: 0 })
    expect(await t.outcome()).toEqual(before)
    r.git(['checkout', '-q', 'old'])
    await r.write('c.md', 5)
    r.commit('From long ago', { author: BOB })
    r.git(['checkout', '-q', 'main'])
    r.git(['merge', '-q', '--no-ff', '-m', 'Merge', 'old'])
    expect(await read(t, r.path)).toMatchObject({ linesBefore: 2, lines: 1 })
    r.git(['reset', '-q', '--hard', 'HEAD~1'])
    r.git(['commit', '-q', '--amend', '-m', 'Rewritten'])
    await expect(read(t, r.path)).rejects.toMatchObject({ code: 'import_file_differs' })
  })

  test('stopped after any batch goes on where it was', async () => {
    await using r = await testRepository()
    for (let step = 0; step < 3; step++) {
      for (let i = 0; i < 900; i++) await r.write(`f${i}.md`, 1 + step)
      r.commit()
    }
    await using t = await testWiki()
    const killed = read(t, r.path, {
      onProgress: ({ lines }) => {
        if (lines === 2_000) throw new Error('killed')
      },
    })
    await expect(killed).rejects.toThrow('killed')
    expect(await read(t, r.path)).toMatchObject({ linesBefore: 2_000, lines: 700 })
    await using other = await testWiki()
    await read(other, r.path)
    const points = async ({ db }: TestWiki) =>
      await db.selectFrom('contributions.tally').select(['week_start', 'contributions', 'points', 'articles']).execute()
    const sum = (rows: Awaited<ReturnType<typeof points>>) => rows.reduce((total, row) => total + row.points, 0n)
    expect(sum(await points(t))).toBe(sum(await points(other)))
  })

  test('is read by a pattern that says which paths are pages, and what they are called', async () => {
    await using t = await testWiki()
    await using r = await testRepository()
    for (const file of ['README.md', 'pages/common/tar.md', 'pages.de/common/tar.md']) await r.write(file, 5)
    r.commit()
    const files = /^pages(\.(?<language>\w+))?\/(?<article>.+)\.md$/u
    await read(t, r.path, { files })
    expect((await work(t)).toSorted()).toEqual(['Ada creation common/tar', 'Ada translation common/tar'])
  })

  test('tells a line that is refused by its file and commit', async () => {
    await using t = await testWiki()
    await using r = await testRepository()
    await r.write('a\nb.md', 5)
    await r.write('c.md', 5)
    r.commit()
    const hash = r.git(['rev-parse', 'HEAD']).trim()
    const result = await read(t, r.path, { onError: 'skip' })
    expect(result).toMatchObject({ refused: 1, contributions: 1 })
    expect(result.errors[0]).toMatchObject({ field: 'article', message: expect.stringContaining(hash) })
  })

  test('that is none, is empty, or has not all of its history is refused with a sentence', async () => {
    await using t = await testWiki()
    await using r = await testRepository()
    await expect(read(t, r.path)).rejects.toMatchObject({ code: 'git_failed' })
    await expect(read(t, join(r.path, 'nowhere'))).rejects.toMatchObject({ code: 'git_failed' })
    for (const file of ['a.md', 'b.md']) {
      await r.write(file, 1)
      r.commit()
    }
    r.git(['clone', '-q', '--depth', '1', `file://${r.path}`, join(r.path, 'shallow')])
    await expect(read(t, join(r.path, 'shallow'))).rejects.toMatchObject({ code: 'git_history_shallow' })
  })
})

test('one person has one pseudonym, whatever the case and GitHub’s numbers; without an address the name counts', async () => {
  await using t = await testWiki()
  const of = async (email: string) => await transaction(t.db, async (tx) => await gitPseudonym(tx, email))
  expect(await of(' ADA@example.org')).toBe(await of('ada@example.org'))
  expect(await of('12+ada@users.noreply.github.com')).toBe(await of('ada@users.noreply.github.com'))
  expect(await of('ada@example.org')).not.toBe(await of('bob@example.org'))
  expect(await of('ada@example.org')).toMatch(/^w[0-9a-f]{16}$/)
})
