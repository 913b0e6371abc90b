import { useState } from 'react'

import { type Item, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { TextField } from '../ui/field.tsx'

export function FundPool({ pool: { code, asset, reward_account } }: { pool: Item<'/staking/pools'> }) {
  const economy = useEconomy()
  const [amount, setAmount] = useState('')
  return (
    <Confirm
      label="Fund it"
      look="plain"
      title={`Fund the pool ${code}`}
      keep="Not now"
      confirm="Fund it"
      confirmLook="primary"
      disabledReason={useRefusal('staking.fund')}
      notYet={amount === '' ? 'Say how much.' : undefined}
      act={async (key) => await send(economy, '/staking/pools/{code}/fund', { path: { code }, body: { amount }, key })}
      onOpen={() => setAmount('')}
    >
      <p>From treasury:main to {reward_account}. From there it leaves as rewards of stakes only.</p>
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
