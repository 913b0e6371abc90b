import { send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'

/** Ends a key of staff, or one of one's own. */
export function RevokeKey({ id, name, own = false }: { id: string; name: string; own?: boolean }) {
  const economy = useEconomy()
  const refusal = useRefusal(own ? 'me.manage_keys' : 'keys.manage')
  const path = own ? '/me/keys/{id}/revoke' : '/keys/{id}/revoke'
  return (
    <Confirm
      label="Revoke"
      title={`Revoke the key ${name}?`}
      confirm="Revoke the key"
      disabledReason={refusal}
      act={async (key) => await send(economy, path, { path: { id }, key })}
    >
      <p>Whoever uses it is refused within a second, and it cannot be given back.</p>
    </Confirm>
  )
}
