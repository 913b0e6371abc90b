import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'

import { useEconomy, useFilters } from '../components/economy.tsx'
import { Gate } from '../components/gate.tsx'
import { rememberEconomy } from '../components/known-economies.ts'
import { KeyForm } from '../forms/sign-in-key.tsx'
import { paths } from '../paths.ts'

export function SignInPage() {
  const economy = useEconomy()
  const { next } = useFilters()
  const navigate = useNavigate()
  const queries = useQueryClient()
  useEffect(() => {
    document.title = 'Sign in · Florin'
  }, [])
  const enter = () => {
    rememberEconomy(economy)
    queries.clear()
    // Only an address of this economy: a link may not lead who signs in elsewhere.
    const inside = next?.startsWith(`/${economy}/`) && !next.endsWith('/sign-in')
    void navigate(inside ? { to: next as string } : paths.page(economy, 'overview'))
  }
  return (
    <Gate title="Sign in" note={<>to the economy {economy}</>}>
      <KeyForm economy={economy} onSignedIn={enter} />
    </Gate>
  )
}
