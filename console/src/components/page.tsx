import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'

import { sentenceOf } from '../api/errors.ts'
import { Button } from '../ui/button.tsx'
import { Card, Notice, Skeleton } from '../ui/surfaces.tsx'

/** A page: its title, what it is for, what can be done here, and its parts. */
export function Page({ title, note, actions, children }: PageProps) {
  const name = typeof title === 'string' ? title : undefined
  useEffect(() => {
    if (name !== undefined) document.title = `${name} · Florin`
  }, [name])
  return (
    <div className="mx-auto w-full max-w-6xl space-y-5 px-4 py-6 sm:px-6 lg:px-8 lg:py-8">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold tracking-tight break-words">{title}</h1>
          {note && <div className="mt-0.5 max-w-2xl text-muted">{note}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

interface PageProps {
  title: ReactNode
  note?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** What was read, or its shape while it is on its way, or why it is not here. */
export function Loaded<T>({ from, lines = 6, children }: LoadedProps<T>) {
  if (from.data !== undefined) return children(from.data)
  if (from.error) return <Failure error={from.error} retry={() => void from.refetch()} />
  return (
    <Card>
      <Skeleton lines={lines} />
    </Card>
  )
}

interface LoadedProps<T> {
  from: UseQueryResult<T>
  lines?: number
  children: (data: T) => ReactNode
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <Notice tone="danger" title="This could not be shown">
      <p>{sentenceOf(error)}</p>
      {retry && (
        <div className="mt-2">
          <Button onClick={retry}>Try again</Button>
        </div>
      )}
    </Notice>
  )
}
