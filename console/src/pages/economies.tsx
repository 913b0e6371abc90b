import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'

import { Gate } from '../components/gate.tsx'
import { knownEconomies } from '../components/known-economies.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { TextLink } from '../ui/text-link.tsx'

/** Which economy? A server does not tell strangers what it holds, so the name is typed in once; then it is remembered here. */
export function EconomiesPage() {
  const navigate = useNavigate()
  const known = knownEconomies()
  const [economy, setEconomy] = useState(known[0] ?? '')
  useEffect(() => {
    document.title = 'Florin'
  }, [])
  return (
    <Gate title="Open an economy" note="Each economy on this server has its own books, people and sign-in.">
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          void navigate(paths.page(economy.trim(), 'overview'))
        }}
      >
        <TextField
          label="Name of the economy"
          hint="As in its address; the demonstration is kontrib."
          required
          pattern="[a-z0-9_\-]+"
          autoCapitalize="none"
          autoComplete="off"
          value={economy}
          onChange={({ target }) => setEconomy(target.value)}
        />
        <Button type="submit" look="primary">
          Continue
        </Button>
      </form>
      {known.length > 0 && (
        <div className="mt-6 border-t border-line pt-4">
          <p className="text-xs text-muted">Opened here before</p>
          <ul className="mt-1 space-y-1">
            {known.map((name) => (
              <li key={name}>
                <TextLink to={paths.page(name, 'overview')}>{name}</TextLink>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Gate>
  )
}
