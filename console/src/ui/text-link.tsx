import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import type { Place } from '../paths.ts'

export function TextLink({ to, children, quiet = false }: { to: Place; children: ReactNode; quiet?: boolean }) {
  const look = quiet ? 'hover:underline' : 'font-medium text-accent hover:underline'
  return (
    <Link {...to} className={`rounded-sm break-words underline-offset-2 ${look}`}>
      {children}
    </Link>
  )
}
