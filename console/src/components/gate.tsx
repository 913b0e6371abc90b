import { type ReactNode, useEffect } from 'react'

import { Mark, ThemeSwitch } from './shell.tsx'

/** What stands before the pages: one small form in the middle. */
export function Gate({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Florin`
  }, [title])
  return (
    <div className="flex min-h-dvh flex-col">
      <div className="flex justify-end p-3">
        <ThemeSwitch />
      </div>
      <main className="mx-auto w-full max-w-sm flex-1 px-4 pt-[8vh] pb-16">
        <Mark />
        <h1 className="mt-5 text-xl font-semibold tracking-tight">{title}</h1>
        {note && <p className="mt-1 text-muted">{note}</p>}
        <div className="mt-6">{children}</div>
      </main>
    </div>
  )
}
