import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type GitCommit, readCommits } from './git-log.ts'

const HASH = 'f'.repeat(40)
const WRITTEN = [
  `\u0001${HASH}`,
  '1767571200',
  'ada@example.org',
  'Ada "A" <x>',
  'bob@example.org',
  'Bob',
  'Cyd <cyd@example.org>\u0001 Dan Döner <dan@example.org>',
  'Eve',
  `\n:000000 100644 ${'0'.repeat(40)} ${'1'.repeat(40)} A`,
  ':new\tfile ü',
  `:100644 100755 ${'2'.repeat(40)} ${'2'.repeat(40)} R100`,
  'before',
  'after',
  `:160000 160000 ${'2'.repeat(40)} ${'3'.repeat(40)} M`,
  'module',
  '3\t0\t:new\tfile ü',
  '0\t0\t',
  'before',
  'after',
  '-\t-\tmodule',
  `\u0001${HASH}`,
  '0\0\0\0\0\0\0',
]
  .map((field) => `${field}\0`)
  .join('')

async function read(chunks: Buffer[]): Promise<GitCommit[]> {
  const commits: GitCommit[] = []
  async function* stream() {
    for (const chunk of chunks) yield await Promise.resolve(chunk)
  }
  for await (const commit of readCommits(stream())) commits.push(commit)
  return commits
}

test('what git writes is read as it is meant, whatever paths and names hold', async () => {
  const [commit, empty, ...none] = await read([Buffer.from(WRITTEN)])
  expect(commit).toMatchObject({
    hash: HASH,
    at: 1_767_571_200,
    author: { email: 'ada@example.org', name: 'Ada "A" <x>' },
    coauthors: [
      { name: 'Cyd', email: 'cyd@example.org' },
      { name: 'Dan Döner', email: 'dan@example.org' },
    ],
    reviewers: [{ name: 'Eve', email: '' }],
  })
  const change = { status: 'A', submodule: false, sameContent: false, added: 3, removed: 0 }
  expect([...commit!.changes]).toEqual([
    [':new\tfile ü', change],
    ['after', { ...change, status: 'R', sameContent: true, added: 0 }],
    ['module', { ...change, status: 'M', submodule: true, added: 0 }],
  ])
  expect(empty!.changes.size).toBe(0)
  expect(none).toEqual([])
})

test('it makes no difference in what pieces it comes', async () => {
  const whole = await read([Buffer.from(WRITTEN)])
  const bytes = Buffer.from(WRITTEN)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: bytes.length }), { maxLength: 20 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      expect(await read(at.slice(1).map((end, i) => bytes.subarray(at[i], end)))).toEqual(whole)
    }),
  )
})

test('what ends in the middle of a commit is no commit', async () => {
  await expect(read([Buffer.from(WRITTEN.slice(0, 60))])).rejects.toThrow('in the middle')
})
