/**
 * The commits of a branch in an order that only ever grows at its end: along the first parents, from the first commit
 * on, and before each merge what it brought, parents first. Sorted by time or topology alone, a branch that is merged
 * late would come to stand between what was read before. A branch whose first-parent history was rewritten is another
 * history.
 */
export function orderCommits(graph: CommitGraph, head: string): OrderedCommit[] {
  const ordered: OrderedCommit[] = []
  const seen = new Set<string>()
  for (const commit of mainLine(graph, head)) {
    const { parents, author } = graph.get(commit) ?? NOBODY
    for (const parent of parents.slice(1)) addMerged(graph, { from: parent, merger: author, seen, ordered })
    seen.add(commit)
    ordered.push({ commit, merger: null })
  }
  return ordered
}

export interface OrderedCommit {
  commit: string
  /** Who merged it, where it came with a merge. */
  merger: string | null
}

/** By the commit's hash; `author` is whoever made it, under whatever name. */
export type CommitGraph = ReadonlyMap<string, { parents: readonly string[]; author: string }>

const NOBODY = { parents: [], author: '' }

/** The oldest first. */
function mainLine(graph: CommitGraph, head: string): string[] {
  const line: string[] = []
  for (let commit: string | undefined = head; commit !== undefined; commit = graph.get(commit)?.parents[0]) {
    line.push(commit)
  }
  return line.toReversed()
}

/** Each after its parents, without recursion: branches may be hundreds of thousands of commits long. */
function addMerged(
  graph: CommitGraph,
  { from, merger, seen, ordered }: { from: string; merger: string; seen: Set<string>; ordered: OrderedCommit[] },
): void {
  const open = [{ commit: from, next: 0 }]
  for (let top = open.at(-1); top; top = open.at(-1)) {
    if (top.next === 0 && seen.has(top.commit)) {
      open.pop()
      continue
    }
    seen.add(top.commit)
    const parent = graph.get(top.commit)?.parents[top.next]
    top.next += 1
    if (parent === undefined) {
      ordered.push({ commit: top.commit, merger })
      open.pop()
    } else if (!seen.has(parent)) {
      open.push({ commit: parent, next: 0 })
    }
  }
}
