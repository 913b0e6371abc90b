import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'

import { type Answer, read } from '../api/client.ts'
import { readingAs } from '../api/session.ts'

/** The economy that the address names. */
export function useEconomy(): string {
  const { economy = '' } = useParams({ strict: false }) as Record<string, string>
  return economy
}

/** What the address holds after the name of the page. */
export function useNames<Name extends string>(): Record<Name, string> {
  return useParams({ strict: false }) as Record<Name, string>
}

/** Filters, order and place in the list: the address keeps them. */
export function useFilters(): Record<string, string> {
  return useSearch({ strict: false }) as Record<string, string>
}

export type Caller = Answer<'/permissions'>

export function useCaller() {
  return useQuery({ ...read(useEconomy(), '/permissions'), staleTime: CALLER_FRESH_MS })
}

/** Why whoever is signed in may not do this; undefined: they may. The server decides again when it is done. */
export function useRefusal(action: string): string | undefined {
  const economy = useEconomy()
  const { data: caller } = useCaller()
  if (caller === undefined || caller.actions.includes(action)) return undefined
  if (readingAs(economy)) return 'You read as somebody else, and can change nothing.'
  return `The role ${caller.role} may not do this.`
}

const CALLER_FRESH_MS = 60_000
