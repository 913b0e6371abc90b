import { type Item, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useCaller, useEconomy, useRefusal } from '../components/economy.tsx'
import { Amount } from '../ui/figures.tsx'

/** By a second person: whoever asked for it may not. */
export function ApproveIssuance({
  issuance: { id, amount, asset, to, reason, requested_by },
}: {
  issuance: Item<'/ledger/issuances'>
}) {
  const economy = useEconomy()
  const caller = useCaller()
  const own = caller.data?.actor === requested_by ? 'You asked for it: another owner approves it.' : undefined
  return (
    <Confirm
      label="Approve"
      title="Approve this issuance?"
      keep="Not now"
      confirm="Issue it"
      disabledReason={useRefusal('ledger.approve_issuance') ?? own}
      act={async (key) => await send(economy, '/ledger/issuances/{id}/approve', { path: { id }, body: {}, key })}
    >
      <p>
        <Amount value={amount} asset={asset} /> more than there is now, to {to}. It cannot be taken back.
      </p>
      <p className="text-muted">Reason: {reason}</p>
    </Confirm>
  )
}
