import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { type BrowserWallet, useWallets } from './wallet.ts'

/** A button for each wallet in this browser; without any, what to do about it. */
export function WalletChoice({ chosen, onChoose }: WalletChoiceProps) {
  const wallets = useWallets()
  if (wallets.length === 0) {
    return (
      <Notice>
        This browser has no wallet. Install one for Ethereum or Solana, such as an extension of the browser, then reload
        this page.
      </Notice>
    )
  }
  return (
    <ul className="space-y-2">
      {wallets.map((wallet) => (
        <li key={wallet.id} className="grid">
          <Button busy={chosen === wallet.id} onClick={() => onChoose(wallet)}>
            {wallet.icon && <img src={wallet.icon} alt="" className="size-5 rounded" />}
            <span className="truncate">{wallet.name}</span>
            <span className="text-muted">{CHAINS[wallet.chain]}</span>
          </Button>
        </li>
      ))}
    </ul>
  )
}

interface WalletChoiceProps {
  /** The id of the wallet that is being asked. */
  chosen: string | undefined
  onChoose: (wallet: BrowserWallet) => void
}

export const CHAINS = { evm: 'Ethereum', solana: 'Solana' } as const
