import { useState } from 'react'

import { dayOf, grouped, momentOf } from './format.ts'

/** An amount with its asset beside it. `signed` for movements: what came in has a plus. */
export function Amount({ value, asset, signed = false }: { value: string; asset: string; signed?: boolean }) {
  const plus = signed && !value.startsWith('-') && !/^0(\.0*)?$/.test(value)
  return (
    <span className="figures">
      <span className={plus ? 'text-accent' : ''}>
        {plus ? '+' : ''}
        {grouped(value)}
      </span>{' '}
      <span className="text-[0.85em] font-normal text-muted">{asset}</span>
    </span>
  )
}

export function Count({ value }: { value: number | string }) {
  return <span className="figures">{grouped(String(value))}</span>
}

/** The day, with the whole time for whoever asks. */
export function Day({ at }: { at: string }) {
  return (
    <time dateTime={at} title={momentOf(at)} className="figures whitespace-nowrap">
      {dayOf(at)}
    </time>
  )
}

export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} className="figures">
      {momentOf(at)}
    </time>
  )
}

/** A hash or an id: its beginning in a table, all of it where there is room, and copied by a press. */
export function Code({ value, short = false }: { value: string; short?: boolean }) {
  const [copied, setCopied] = useState(false)
  if (short) return <span className="font-mono text-[0.92em]">{value.slice(0, SHORT)}…</span>
  return (
    <button
      type="button"
      title="Copy"
      className="rounded text-left font-mono text-[0.92em] break-all hover:bg-raised"
      onClick={() => {
        void navigator.clipboard.writeText(value).then(() => setCopied(true))
      }}
    >
      {value}
      {copied && <span className="ml-2 font-sans text-xs text-accent">Copied</span>}
    </button>
  )
}

const SHORT = 12
