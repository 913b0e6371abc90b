import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { send } from '../api/client.ts'
import { AssetChoice, useAssets } from '../components/asset-choice.tsx'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { paths } from '../paths.ts'
import { TextField } from '../ui/field.tsx'

/** An account of the operator's own, empty, with the limits that its name gives it. */
export function OpenAccount() {
  const economy = useEconomy()
  const navigate = useNavigate()
  const [path, setPath] = useState('')
  const [chosen, setAsset] = useState<string>()
  const asset = useAssets()[0]
  const of = chosen ?? asset ?? ''
  return (
    <Confirm
      label="Open an account"
      look="plain"
      title="Open an account"
      keep="Not now"
      confirm="Open it"
      confirmLook="primary"
      disabledReason={useRefusal('ledger.open_account')}
      notYet={path === '' ? 'Write its path.' : undefined}
      act={async (key) => await send(economy, '/ledger/accounts', { body: { path, asset: of }, key })}
      onOpen={() => setPath('')}
      onDone={async () => await navigate(paths.account(economy, path))}
    >
      <TextField
        label="Path"
        hint="Two to eight segments, such as shop:till. Without a floor for world:… and …:receivable, else not below zero."
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={path}
        onChange={({ target }) => setPath(target.value.trim())}
      />
      <AssetChoice value={of} onChange={setAsset} />
    </Confirm>
  )
}
