import { useState } from 'react'

import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/surfaces.tsx'

/** A secret that the server does not know any more: to be copied now. */
export function ShownOnce({
  secret,
  title = 'Copy it now: it is not shown again',
}: {
  secret: string
  title?: string
}) {
  const [copied, setCopied] = useState(false)
  return (
    <Notice tone="good" title={title}>
      <div className="mt-1 flex flex-wrap items-center gap-3">
        <code className="min-w-0 font-mono break-all">{secret}</code>
        {/* Browsers lend the clipboard to secure pages alone. */}
        {'clipboard' in navigator && (
          <Button onClick={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </div>
    </Notice>
  )
}
