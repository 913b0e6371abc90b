import { useState } from 'react'

import { type Answer, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { TextField } from '../ui/field.tsx'

type Account = Answer<'/ledger/accounts/{path}'>['accounts'][number]

/** What can be done to an account as its status lets it; a module's accounts are its own affair. */
export function AccountActions({ account, module }: { account: Account; module: string | null }) {
  const owned = module === null ? undefined : `It belongs to the module ${module}, whose own operations look after it.`
  const closed = account.status === 'closed' ? 'It is closed, for good.' : undefined
  return (
    <span className="flex flex-wrap gap-1">
      <SetLimits account={account} refusal={owned ?? closed} />
      {account.status === 'frozen' ? (
        <Unfreeze account={account} refusal={owned} />
      ) : (
        <Freeze account={account} refusal={owned ?? closed} />
      )}
      <Close account={account} refusal={owned ?? closed ?? emptiness(account)} />
    </span>
  )
}

function emptiness({ balance, asset }: Account): string | undefined {
  return balance === '0' ? undefined : `It must be empty first: move its ${balance} ${asset} elsewhere.`
}

interface ActionProps {
  account: Account
  /** Why it cannot be done to this account at all. */
  refusal: string | undefined
}

function SetLimits({ account: { path, asset, floor, ceiling }, refusal }: ActionProps) {
  const economy = useEconomy()
  const [low, setLow] = useState(floor ?? '')
  const [high, setHigh] = useState(ceiling ?? '')
  const may = useRefusal('ledger.set_limits')
  return (
    <Confirm
      label="Limits"
      title={`Limits of ${path}`}
      keep="Leave them"
      confirm="Set the limits"
      confirmLook="primary"
      disabledReason={may ?? refusal}
      act={async (key) => {
        const body = { asset, floor: low === '' ? null : low, ceiling: high === '' ? null : high }
        return await send(economy, '/ledger/accounts/{path}/limits', { path: { path }, body, key })
      }}
      onOpen={() => {
        setLow(floor ?? '')
        setHigh(ceiling ?? '')
      }}
    >
      <TextField
        label={`Not below, in ${asset}`}
        hint="Left empty, it may fall without bound. The members’ accounts have 0."
        inputMode="decimal"
        value={low}
        onChange={({ target }) => setLow(target.value.trim())}
      />
      <TextField
        label={`Not above, in ${asset}`}
        hint="Left empty, it may rise without bound."
        inputMode="decimal"
        value={high}
        onChange={({ target }) => setHigh(target.value.trim())}
      />
    </Confirm>
  )
}

function Freeze({ account: { path, asset }, refusal }: ActionProps) {
  const economy = useEconomy()
  const may = useRefusal('ledger.freeze')
  return (
    <Confirm
      label="Freeze"
      title={`Freeze ${path}?`}
      keep="Leave it open"
      confirm="Freeze it"
      disabledReason={may ?? refusal}
      act={async (key) =>
        await send(economy, '/ledger/accounts/{path}/freeze', { path: { path }, body: { asset }, key })
      }
    >
      <p>No {asset} goes out of it any more, captures of holds included. It may still receive, and can be unfrozen.</p>
    </Confirm>
  )
}

function Unfreeze({ account: { path, asset }, refusal }: ActionProps) {
  const economy = useEconomy()
  const may = useRefusal('ledger.freeze')
  return (
    <Confirm
      label="Unfreeze"
      title={`Unfreeze ${path}?`}
      keep="Leave it frozen"
      confirm="Unfreeze it"
      confirmLook="primary"
      disabledReason={may ?? refusal}
      act={async (key) =>
        await send(economy, '/ledger/accounts/{path}/unfreeze', { path: { path }, body: { asset }, key })
      }
    >
      <p>{asset} may go out of it again.</p>
    </Confirm>
  )
}

function Close({ account: { path, asset }, refusal }: ActionProps) {
  const economy = useEconomy()
  const may = useRefusal('ledger.close_account')
  return (
    <Confirm
      label="Close"
      title={`Close ${path}?`}
      keep="Leave it open"
      confirm="Close it for good"
      disabledReason={may ?? refusal}
      act={async (key) =>
        await send(economy, '/ledger/accounts/{path}/close', { path: { path }, body: { asset }, key })
      }
    >
      <p>No {asset} comes in or goes out of it any more. There is no way back; its statement stays.</p>
    </Confirm>
  )
}
