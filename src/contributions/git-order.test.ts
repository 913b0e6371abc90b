import fc from 'fast-check'
import { expect, test } from 'vitest'

import { orderCommits } from './git-order.ts'

function graphOf(commits: Record<string, string[]>) {
  return new Map(Object.entries(commits).map(([name, parents]) => [name, { parents, author: `by ${name}` }]))
}

const names = (graph: ReturnType<typeof graphOf>, head: string) => orderCommits(graph, head).map(({ commit }) => commit)

test('a merge comes after what it brought, which names who merged it', () => {
  const graph = graphOf({ a: [], b: ['a'], x: ['a'], y: ['x'], m: ['b', 'y'], c: ['m'] })
  expect(orderCommits(graph, 'c')).toEqual([
    { commit: 'a', merger: null },
    { commit: 'b', merger: null },
    { commit: 'x', merger: 'by m' },
    { commit: 'y', merger: 'by m' },
    { commit: 'm', merger: null },
    { commit: 'c', merger: null },
  ])
})

test('merges of several branches, of branches that were merged into each other, and of foreign roots come once each', () => {
  const graph = graphOf({ a: [], x: ['a'], y: ['a'], xy: ['x', 'y'], r: [], o: ['a', 'xy', 'y', 'r'], p: ['o', 'xy'] })
  expect(names(graph, 'p')).toEqual(['a', 'x', 'y', 'xy', 'r', 'o', 'p'])
})

test('a branch of a hundred thousand commits is no deeper than any other', () => {
  const side = Array.from({ length: 100_000 }, (_, i): [string, string[]] => [`s${i}`, [i === 0 ? 'a' : `s${i - 1}`]])
  const graph = graphOf({ a: [], ...Object.fromEntries(side), m: ['a', 's99999'] })
  expect(names(graph, 'm')).toHaveLength(100_002)
})

test('whatever the history, each commit comes once, after its parents, and what is added comes at the end', () => {
  // Each commit has a first parent on the main line or a branch, and maybe others before it.
  const histories = fc.array(fc.tuple(fc.nat(), fc.array(fc.nat(), { maxLength: 2 }), fc.boolean()), {
    minLength: 1,
    maxLength: 40,
  })
  fc.assert(
    fc.property(histories, (steps) => {
      const commits: Record<string, string[]> = { c0: [] }
      let head = 'c0'
      let before = ['c0']
      for (const [i, [first, others, onMain]] of steps.entries()) {
        const pick = (n: number) => `c${n % (i + 1)}`
        const parents = [...new Set([onMain ? head : pick(first), ...others.map(pick)])]
        commits[`c${i + 1}`] = parents
        if (!onMain) continue
        head = `c${i + 1}`
        const ordered = names(graphOf(commits), head)
        expect(new Set(ordered).size).toBe(ordered.length)
        for (const [at, name] of ordered.entries()) {
          for (const parent of commits[name]!) expect(ordered.slice(0, at)).toContain(parent)
        }
        expect(ordered.slice(0, before.length)).toEqual(before)
        before = ordered
      }
    }),
  )
})
