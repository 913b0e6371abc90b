import { Notice } from '../ui/surfaces.tsx'
import { CopyButton } from './copy-button.tsx'

/** A secret that the server does not know any more: to be copied now. */
export function ShownOnce({
  secret,
  title = 'Copy it now: it is not shown again',
}: {
  secret: string
  title?: string
}) {
  return (
    <Notice tone="good" title={title}>
      <div className="mt-1 flex flex-wrap items-center gap-3">
        <code className="min-w-0 font-mono break-all">{secret}</code>
        <CopyButton key={secret} text={secret}>
          Copy
        </CopyButton>
      </div>
    </Notice>
  )
}
