import { Navigate } from '@tanstack/react-router'

import { useCaller, useEconomy } from '../components/economy.tsx'
import { paths } from '../paths.ts'

/** Members come to what is theirs, staff to how everything stands. */
export function FirstPage() {
  const economy = useEconomy()
  const { data: caller } = useCaller()
  if (!caller) return null
  return <Navigate {...paths.page(economy, caller.role === 'member' ? 'myAccount' : 'overview')} replace />
}
