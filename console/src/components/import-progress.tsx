import type { Item } from '../api/client.ts'
import { Progress } from '../ui/progress.tsx'

/** How much of its source an import has read; of a stream nobody knows how long it is. */
export function ImportProgress({ of: { done, total } }: { of: Item<'/imports'> }) {
  if (total === null) return <span className="text-sm text-muted">Of a stream: its length is not known</span>
  return (
    <span className="flex items-center gap-2">
      <Progress label="Read so far" done={done} total={total} />
      <span className="figures text-xs text-muted">{Math.floor((done * 100) / Math.max(total, 1))} %</span>
    </span>
  )
}
