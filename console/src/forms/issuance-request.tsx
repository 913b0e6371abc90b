import { useState } from 'react'

import { send } from '../api/client.ts'
import { AssetChoice, useAssets } from '../components/asset-choice.tsx'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { TextField } from '../ui/field.tsx'

/** Asks for it; nothing moves until another owner approves. */
export function RequestIssuance() {
  const economy = useEconomy()
  const [chosen, setAsset] = useState<string>()
  const asset = useAssets()[0]
  const of = chosen ?? asset ?? ''
  const [to, setTo] = useState('treasury:main')
  const [amount, setAmount] = useState('')
  const [reason, setReason] = useState('')
  return (
    <Confirm
      label="Ask for an issuance"
      look="plain"
      title="Ask for an issuance"
      keep="Not now"
      confirm="Ask for it"
      confirmLook="primary"
      disabledReason={useRefusal('ledger.request_issuance')}
      notYet={to === '' || amount === '' || reason === '' ? 'Fill in all of it.' : undefined}
      act={async (key) => await send(economy, '/ledger/issuances', { body: { asset: of, to, amount, reason }, key })}
      onOpen={() => {
        setAmount('')
        setReason('')
      }}
    >
      <p>Nothing is issued until another owner approves it.</p>
      <AssetChoice value={of} onChange={setAsset} />
      <TextField
        label="Amount"
        inputMode="decimal"
        autoComplete="off"
        value={amount}
        onChange={({ target }) => setAmount(target.value.trim())}
      />
      <TextField
        label="To"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={to}
        onChange={({ target }) => setTo(target.value.trim())}
      />
      <TextField
        label="Reason"
        hint="Whoever approves it reads why, and the audit trail keeps it."
        maxLength={500}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
      />
    </Confirm>
  )
}
