import { useMutation, useQueryClient } from '@tanstack/react-query'

import { send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { CHAINS, WalletChoice } from '../components/wallet-choice.tsx'
import { type BrowserWallet, type Chain, signChallenge } from '../components/wallet.ts'
import { Card, Notice } from '../ui/surfaces.tsx'
import { newKey } from './idempotency-key.ts'

/** A wallet of the browser signs a message of the server, and is linked by it. */
export function LinkWallet({ linked }: { linked: readonly Chain[] }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('me.manage_wallets')
  const link = useMutation({
    mutationFn: async (wallet: BrowserWallet) => {
      const proof = await signChallenge(wallet, async (body) => {
        return await send(economy, '/me/wallets/challenges', { body, key: newKey() })
      })
      // The nonce in the message makes it happen once.
      return await send(economy, '/me/wallets', { body: proof, key: newKey() })
    },
    onSettled: async () => await queries.invalidateQueries({ queryKey: [economy] }),
  })
  return (
    <Card title="Link a wallet" note="It signs a message, which costs nothing. One wallet of each chain.">
      <div className="max-w-sm space-y-4">
        {refusal ? (
          <Notice>{refusal}</Notice>
        ) : (
          <WalletChoice
            chosen={link.isPending ? link.variables.id : undefined}
            onChoose={(wallet) => {
              if (!link.isPending) link.mutate(wallet)
            }}
          />
        )}
        {link.error && <Notice tone="danger">{sentenceOf(link.error)}</Notice>}
        {link.data && <Notice tone="good">Your {CHAINS[link.data.chain]} wallet is linked.</Notice>}
        {linked.length > 0 && (
          <p className="text-sm text-muted">To link another of the same chain, unlink the one that is there.</p>
        )}
      </div>
    </Card>
  )
}
