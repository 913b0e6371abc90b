import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'

import { auth } from '../api/auth.ts'
import { read } from '../api/client.ts'
import { ApiError } from '../api/errors.ts'
import { dropKey, keyFor, readingAs, stopReadingAs } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Icon } from '../ui/icon.tsx'
import { currentTheme, switchTheme } from '../ui/theme.ts'
import { type Caller, useCaller, useEconomy } from './economy.tsx'
import { NAVIGATION } from './navigation.ts'
import { Failure } from './page.tsx'
import { ReadingBanner } from './reading-banner.tsx'

/** What is around every page for whoever is signed in; whoever is not is asked to. */
export function Shell() {
  const economy = useEconomy()
  const { pathname, href } = useLocation()
  const navigate = useNavigate()
  const { data: caller, error, refetch } = useCaller()
  const unknown = error instanceof ApiError && error.status === 401
  useEffect(() => {
    if (!unknown || pathname.endsWith('/sign-in')) return
    if (readingAs(economy)) {
      // What staff read with has ended, and they are who they were.
      stopReadingAs(economy)
      void navigate({ ...paths.page(economy, 'people'), reloadDocument: true })
      return
    }
    void navigate({ ...paths.signIn(economy), search: { next: href }, replace: true })
  }, [unknown, economy, pathname, href, navigate])

  if (error && !unknown) {
    return (
      <main className="mx-auto max-w-lg p-6">
        <Failure error={error} retry={() => void refetch()} />
      </main>
    )
  }
  if (!caller) return <div aria-busy="true" className="min-h-dvh" />
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded focus:bg-surface focus:p-2"
      >
        Skip to the page
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col overflow-y-auto border-r border-line bg-surface lg:flex">
        <Sidebar economy={economy} caller={caller} />
      </aside>
      <TopBar key={pathname} economy={economy} caller={caller} />
      <main id="main" className="min-w-0">
        <ReadingBanner />
        <Outlet />
      </main>
    </div>
  )
}

function Sidebar({ economy, caller }: { economy: string; caller: Caller }) {
  return (
    <>
      <Brand economy={economy} />
      <nav aria-label="Pages" className="flex-1 space-y-5 px-3 py-2">
        {NAVIGATION.map(({ title, pages }) => {
          const shown = pages.filter(({ action }) => caller.actions.includes(action))
          if (shown.length === 0) return null
          return (
            <div key={title}>
              <p className="px-2 pb-1 text-xs font-medium text-muted">{title}</p>
              <ul>
                {shown.map(({ page, name, icon }) => (
                  <li key={page}>
                    <Link
                      {...paths.page(economy, page)}
                      className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm hover:bg-raised"
                      activeProps={{ className: 'bg-accent-soft font-medium text-accent' }}
                      inactiveProps={{ className: 'text-ink' }}
                    >
                      <Icon name={icon} />
                      {name}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          )
        })}
      </nav>
      <Foot economy={economy} caller={caller} />
    </>
  )
}

function Brand({ economy }: { economy: string }) {
  return (
    <Link {...paths.page(economy, 'overview')} className="m-3 flex items-center gap-2.5 rounded-md p-2">
      <Mark />
      <span className="min-w-0">
        <span className="block text-sm leading-4 font-semibold">Florin</span>
        <span className="block truncate text-xs text-muted">{economy}</span>
      </span>
    </Link>
  )
}

export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className="size-7 shrink-0">
      <circle cx="16" cy="16" r="16" className="fill-accent" />
      <circle cx="16" cy="16" r="12.25" className="fill-none stroke-accent-ink" strokeOpacity=".45" strokeWidth="1.5" />
      <path
        d="M13 23V10h7.5M13 16.2h6"
        className="fill-none stroke-accent-ink"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

function Foot({ economy, caller }: { economy: string; caller: Caller }) {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const me = useQuery({ ...read(economy, '/me'), enabled: caller.person !== null })
  const signOut = async () => {
    // A key is forgotten here; a session ends on the server, and where that cannot be reached it goes on, so stay.
    if (keyFor(economy) === undefined) await auth(economy, '/sign-out')
    dropKey(economy)
    queries.clear()
    await navigate(paths.signIn(economy))
  }
  return (
    <div className="flex items-center gap-1 border-t border-line p-3">
      <div className="min-w-0 flex-1 px-2">
        <p className="truncate text-sm font-medium">
          {caller.person === null ? 'API key' : (me.data?.username ?? '…')}
        </p>
        <p className="text-xs text-muted capitalize">{caller.role}</p>
      </div>
      <ThemeSwitch />
      {readingAs(economy) === undefined && (
        <button type="button" aria-label="Sign out" title="Sign out" className={ROUND} onClick={() => void signOut()}>
          <Icon name="out" />
        </button>
      )}
    </div>
  )
}

export function ThemeSwitch() {
  const [theme, setTheme] = useState(currentTheme)
  const label = theme === 'dark' ? 'Use the light theme' : 'Use the dark theme'
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={ROUND}
      onClick={() => {
        switchTheme()
        setTheme(currentTheme())
      }}
    >
      <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
    </button>
  )
}

/** On a narrow screen the sidebar is a sheet behind a button. It is made anew on each page, and so closed. */
function TopBar({ economy, caller }: { economy: string; caller: Caller }) {
  const sheet = useRef<HTMLDialogElement>(null)
  return (
    <header className="sticky top-0 z-10 flex h-14 items-center gap-1 border-b border-line bg-surface pr-2 lg:hidden">
      <div className="min-w-0 flex-1">
        <Brand economy={economy} />
      </div>
      <button type="button" aria-label="Menu" className={ROUND} onClick={() => sheet.current?.showModal()}>
        <Icon name="menu" className="size-5" />
      </button>
      <dialog ref={sheet} aria-label="Menu" className="m-0 h-dvh max-h-none w-72 max-w-none bg-surface text-ink">
        <div
          className="flex h-full flex-col"
          onClick={({ target }) => {
            if (target instanceof Element && target.closest('a')) sheet.current?.close()
          }}
        >
          <button
            type="button"
            aria-label="Close the menu"
            className={`${ROUND} absolute top-4 right-2`}
            onClick={() => sheet.current?.close()}
          >
            <Icon name="close" className="size-5" />
          </button>
          <Sidebar economy={economy} caller={caller} />
        </div>
      </dialog>
    </header>
  )
}

const ROUND = 'grid size-9 place-items-center rounded-md text-muted hover:bg-raised hover:text-ink'
