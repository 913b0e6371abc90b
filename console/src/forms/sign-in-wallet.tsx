import { useMutation } from '@tanstack/react-query'

import { auth, type FirstStep } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { dropKey } from '../api/session.ts'
import { WalletChoice } from '../components/wallet-choice.tsx'
import { type BrowserWallet, signChallenge } from '../components/wallet.ts'
import { Notice } from '../ui/surfaces.tsx'
import { CodeForm } from './sign-in-code.tsx'

/** A wallet that was linked before signs a message, and then a code is asked for, where a second factor is wanted. */
export function WalletForm({ economy, onSignedIn }: { economy: string; onSignedIn: () => void }) {
  const signIn = useMutation({
    mutationFn: async (wallet: BrowserWallet) => {
      const proof = await signChallenge(wallet, async (of) => {
        return await auth<{ message: string }>(economy, '/sign-in/wallet/challenge', of)
      })
      return await auth<FirstStep>(economy, '/sign-in/wallet', proof)
    },
    onSuccess: ({ twoFactorRedirect }) => {
      dropKey(economy)
      if (!twoFactorRedirect) onSignedIn()
    },
  })
  if (signIn.data?.twoFactorRedirect) {
    return <CodeForm economy={economy} onSignedIn={onSignedIn} onAgain={signIn.reset} />
  }
  return (
    <div className="space-y-4">
      <p className="text-sm text-muted">
        Choose a wallet that you have linked to your account. It signs a message, which moves nothing and costs nothing.
      </p>
      <WalletChoice
        chosen={signIn.isPending ? signIn.variables.id : undefined}
        onChoose={(wallet) => {
          if (!signIn.isPending) signIn.mutate(wallet)
        }}
      />
      {signIn.error && <Notice tone="danger">{sentenceOf(signIn.error)}</Notice>}
    </div>
  )
}
