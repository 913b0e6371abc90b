import { sentenceOf } from '../api/errors.ts'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/surfaces.tsx'

/** One thing that holds, in words, with what it was computed from. */
export interface Step {
  name: string
  shown: string
}

/** What this page's own arithmetic came to. */
export function Verdict({ steps, error }: { steps: readonly Step[] | undefined; error: Error | null }) {
  if (error) return <NotVerified error={error} />
  if (!steps) return null
  return (
    <div className="space-y-3">
      <Notice tone="good" title="Verified in this browser" />
      <ul className="space-y-2">
        {steps.map(({ name, shown }) => (
          <li key={name} className="flex gap-2.5">
            <Icon name="check" className="mt-1 text-accent" />
            <div className="min-w-0">
              <p>{name}</p>
              <p className="font-mono text-xs break-all text-muted">{shown}</p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** What could not be fetched says nothing about the log; what does not add up does. */
function NotVerified({ error }: { error: Error }) {
  if (error.name !== 'ProofError') return <Notice tone="danger">{sentenceOf(error)}</Notice>
  return (
    <Notice tone="danger" title="This does not verify">
      <p>{error.message}</p>
      <p>Keep the proof files, and ask your operator and the log’s witnesses about them.</p>
    </Notice>
  )
}
