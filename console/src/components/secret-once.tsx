import type { ReactNode } from 'react'

import { Code } from '../ui/figures.tsx'
import { Notice } from '../ui/surfaces.tsx'

/** A secret that the server has just made and does not show again. */
export function SecretOnce({ secret, children }: { secret: string; children?: ReactNode }) {
  return (
    <Notice tone="good" title="Copy it now: it is not shown again">
      <Code value={secret} />
      {children && <p className="mt-2 text-ink">{children}</p>}
    </Notice>
  )
}
