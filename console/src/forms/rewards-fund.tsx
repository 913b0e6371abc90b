import { useState } from 'react'

import { send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { TextField } from '../ui/field.tsx'

/** Moves tokens to where the weekly rewards are paid from. */
export function FundRewards({ asset }: { asset: string }) {
  const economy = useEconomy()
  const [amount, setAmount] = useState('')
  return (
    <Confirm
      label="Fund the rewards"
      look="plain"
      title="Fund the rewards"
      keep="Not now"
      confirm="Fund them"
      confirmLook="primary"
      disabledReason={useRefusal('distributions.run')}
      notYet={amount === '' ? 'Say how much.' : undefined}
      act={async (key) => await send(economy, '/distributions/fund', { body: { amount }, key })}
      onOpen={() => setAmount('')}
    >
      <p>From treasury:main to treasury:rewards. From there they leave as weekly rewards only.</p>
      <TextField
        label={`Amount in ${asset}`}
        inputMode="decimal"
        autoComplete="off"
        value={amount}
        onChange={({ target }) => setAmount(target.value.trim())}
      />
    </Confirm>
  )
}
