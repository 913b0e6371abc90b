import { useState } from 'react'

import { Button } from '../ui/button.tsx'

/** Nothing where the browser lends no clipboard: many do to secure pages alone. */
export function CopyButton({ text, children }: { text: string; children: string }) {
  const [copied, setCopied] = useState(false)
  if (!('clipboard' in navigator)) return null
  return (
    <Button onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
      {copied ? 'Copied' : children}
    </Button>
  )
}
