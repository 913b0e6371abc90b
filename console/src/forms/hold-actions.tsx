import { useState } from 'react'

import { type Item, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { TextField } from '../ui/field.tsx'
import { Amount } from '../ui/figures.tsx'

type Hold = Item<'/ledger/holds'>

/** A hold ends once: what it holds is paid, or let go. */
export function HoldActions({ hold }: { hold: Hold }) {
  const refusal = useRefusal('ledger.hold') ?? ownedBy(hold)
  if (hold.status !== 'pending') return null
  return (
    <span className="flex flex-wrap">
      <Capture hold={hold} refusal={refusal} />
      <Void hold={hold} refusal={refusal} />
    </span>
  )
}

function ownedBy({ module }: Hold): string | undefined {
  return module === null ? undefined : `It belongs to the module ${module}, which captures or voids it itself.`
}

interface ActionProps {
  hold: Hold
  refusal: string | undefined
}

function Capture({ hold: { id, account, amount, asset }, refusal }: ActionProps) {
  const economy = useEconomy()
  const [to, setTo] = useState('')
  const [part, setPart] = useState(amount)
  return (
    <Confirm
      label="Capture"
      title="Capture this hold"
      keep="Not now"
      confirm="Capture it"
      confirmLook="primary"
      disabledReason={refusal}
      notYet={to === '' ? 'Say which account gets it.' : undefined}
      act={async (key) => {
        const body = { postings: [{ to, amount: part }] }
        return await send(economy, '/ledger/holds/{id}/capture', { path: { id }, body, key })
      }}
      onOpen={() => {
        setTo('')
        setPart(amount)
      }}
    >
      <p>
        Pays out of the <Amount value={amount} asset={asset} /> held on {account}. What is left of it goes back.
      </p>
      <TextField
        label="To"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={to}
        onChange={({ target }) => setTo(target.value.trim())}
      />
      <TextField
        label={`Amount in ${asset}`}
        inputMode="decimal"
        autoComplete="off"
        value={part}
        onChange={({ target }) => setPart(target.value.trim())}
      />
    </Confirm>
  )
}

function Void({ hold: { id, account, amount, asset }, refusal }: ActionProps) {
  const economy = useEconomy()
  return (
    <Confirm
      label="Void"
      title="Void this hold?"
      confirm="Void it"
      disabledReason={refusal}
      act={async (key) => await send(economy, '/ledger/holds/{id}/void', { path: { id }, body: {}, key })}
    >
      <p>
        The <Amount value={amount} asset={asset} /> may be spent from {account} again. Nothing moves.
      </p>
    </Confirm>
  )
}
