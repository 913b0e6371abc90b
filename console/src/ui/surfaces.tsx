import type { ReactNode } from 'react'

import type { Place } from '../paths.ts'
import { TextLink } from './text-link.tsx'

/** A titled part of a page. */
export function Card({ title, note, actions, children }: CardProps) {
  return (
    <section className="min-w-0 rounded-lg border border-line bg-surface">
      {title !== undefined && (
        <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 pt-3.5">
          <div>
            <h2 className="text-base font-semibold">{title}</h2>
            {note && <p className="text-sm text-muted">{note}</p>}
          </div>
          {actions}
        </header>
      )}
      <div className="p-4">{children}</div>
    </section>
  )
}

interface CardProps {
  title?: ReactNode
  note?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** Names with what they are, as in a passport. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-1 gap-x-8 gap-y-3 sm:grid-cols-2">{children}</dl>
}

export function Fact({ name, wide = false, children }: { name: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={`min-w-0 ${wide ? 'sm:col-span-2' : ''}`}>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="figures break-words">{children}</dd>
    </div>
  )
}

/** One figure that counts; its name leads to where it comes from. */
export function Figure({ name, from, children, note }: FigureProps) {
  return (
    <div className="min-w-0 rounded-lg border border-line bg-surface px-4 py-3.5">
      <p className="text-xs font-medium text-muted">
        {from ? (
          <TextLink quiet to={from}>
            {name} <span aria-hidden="true">→</span>
          </TextLink>
        ) : (
          name
        )}
      </p>
      <p className="figures mt-1 text-xl font-semibold tracking-tight break-words">{children}</p>
      {note && <p className="figures mt-0.5 text-sm text-muted">{note}</p>}
    </div>
  )
}

interface FigureProps {
  name: string
  from?: Place | undefined
  children: ReactNode
  note?: ReactNode
}

type Tone = 'plain' | 'good' | 'warning' | 'danger'

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={`inline-flex items-center rounded px-1.5 text-xs font-medium whitespace-nowrap ${TONES[tone]}`}>
      {children}
    </span>
  )
}

const TONES: Record<Tone, string> = {
  plain: 'bg-raised text-muted',
  good: 'bg-accent-soft text-accent',
  warning: 'bg-warning-soft text-warning',
  danger: 'bg-danger-soft text-danger',
}

/** Something that the reader should know before going on. */
export function Notice({ tone = 'plain', title, children }: { tone?: Tone; title?: string; children?: ReactNode }) {
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={`rounded-md px-3.5 py-2.5 text-sm ${tone === 'plain' ? 'bg-raised text-ink' : TONES[tone]}`}
    >
      {title && <p className="font-semibold">{title}</p>}
      {children}
    </div>
  )
}

/** What there will be when something is here, and how to get there. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="px-4 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="mx-auto mt-1 max-w-md text-sm text-muted">{children}</div>}
    </div>
  )
}

/** The shape of what is coming, instead of a wheel that says nothing. */
export function Skeleton({ lines = 4 }: { lines?: number }) {
  return (
    <div role="status" aria-label="Loading" className="animate-pulse space-y-3 py-1">
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className={`h-4 rounded bg-raised ${WIDTHS[line % WIDTHS.length]}`} />
      ))}
    </div>
  )
}

const WIDTHS = ['w-full', 'w-11/12', 'w-4/5', 'w-10/12']
