import { useState } from 'react'

import { send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useCaller, useEconomy, useRefusal } from '../components/economy.tsx'
import type { Proposal } from '../components/proposal-effect.tsx'
import { TextField } from '../ui/field.tsx'

/** Puts a draft before the members. */
export function SubmitProposal({ proposal: { id, allowed } }: { proposal: Proposal }) {
  const economy = useEconomy()
  const refusal = useRefusal('me.propose')
  if (!allowed.includes('submit')) return null
  return (
    <Confirm
      label="Submit"
      look="primary"
      title="Submit this proposal?"
      keep="Not yet"
      confirm="Submit it"
      confirmLook="primary"
      disabledReason={refusal}
      act={async (key) => await send(economy, '/proposals/{id}/submit', { path: { id }, key })}
    >
      <p>Everybody votes on it as it reads now. Voting opens after the delay; until then you may still cancel it.</p>
    </Confirm>
  )
}

/** Ends a proposal: its proposer a draft, a guardian whatever is not over, who says why. */
export function CancelProposal({ proposal: { id, allowed, proposer_id, status } }: { proposal: Proposal }) {
  const economy = useEconomy()
  const { data: caller } = useCaller()
  const refusal = useRefusal('proposals.cancel')
  const [reason, setReason] = useState('')
  const own = caller?.person === proposer_id && status === 'draft'
  const body = reason.trim() === '' ? {} : { reason }
  if (!allowed.includes('cancel')) return null
  return (
    <Confirm
      label="Cancel it"
      look="danger"
      title="Cancel this proposal?"
      confirm="Cancel the proposal"
      disabledReason={refusal}
      notYet={!own && reason.trim() === '' ? 'Say why: the members read it.' : undefined}
      act={async (key) => await send(economy, '/proposals/{id}/cancel', { path: { id }, body, key })}
    >
      <p>For good: it cannot be opened again. What was set aside for it goes back to the treasury.</p>
      <TextField
        label="Reason"
        hint={own ? 'If you like; everybody may read it.' : 'Everybody may read it.'}
        maxLength={500}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
      />
    </Confirm>
  )
}
