import { useState } from 'react'

import { send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { TextField } from '../ui/field.tsx'

export function AddAsset() {
  const economy = useEconomy()
  const [code, setCode] = useState('')
  const [name, setName] = useState('')
  const [scale, setScale] = useState('2')
  const [supply, setSupply] = useState('')
  const missing = code === '' || name === '' || supply === '' || !/^\d{1,2}$/.test(scale)
  return (
    <Confirm
      label="Add an asset"
      look="plain"
      title="Add an asset"
      keep="Not now"
      confirm="Add it for good"
      confirmLook="primary"
      disabledReason={useRefusal('ledger.add_asset')}
      notYet={missing ? 'Fill in all of it; decimals are a whole number up to 30.' : undefined}
      act={async (key) => {
        const body = { code, name, scale: Number.parseInt(scale, 10), max_supply: supply }
        return await send(economy, '/ledger/assets', { body, key })
      }}
    >
      <p>None of this can be changed later. It is issued from an account of its own, and nothing is issued now.</p>
      <TextField
        label="Code"
        hint="A letter, then letters, digits and : . _ -"
        autoComplete="off"
        maxLength={64}
        value={code}
        onChange={({ target }) => setCode(target.value.trim())}
      />
      <TextField label="Name" maxLength={200} value={name} onChange={({ target }) => setName(target.value)} />
      <TextField
        label="Decimals"
        inputMode="numeric"
        maxLength={2}
        value={scale}
        onChange={({ target }) => setScale(target.value.trim())}
      />
      <TextField
        label="May ever be issued"
        inputMode="decimal"
        autoComplete="off"
        value={supply}
        onChange={({ target }) => setSupply(target.value.trim())}
      />
    </Confirm>
  )
}
