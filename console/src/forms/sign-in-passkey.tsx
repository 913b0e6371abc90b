import { useMutation } from '@tanstack/react-query'

import { sentenceOf } from '../api/errors.ts'
import { dropKey } from '../api/session.ts'
import { HAS_PASSKEYS, signInByPasskey } from '../components/passkey.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { CodeForm } from './sign-in-code.tsx'

/** The device asks which passkey, and for a finger, a face or its lock. */
export function PasskeyForm({ economy, onSignedIn }: { economy: string; onSignedIn: () => void }) {
  const signIn = useMutation({
    mutationFn: async () => await signInByPasskey(economy),
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
      <p className="text-sm text-muted">Your device asks for your fingerprint, your face or its lock.</p>
      {signIn.error && <Notice tone="danger">{sentenceOf(signIn.error)}</Notice>}
      <Button
        look="primary"
        busy={signIn.isPending}
        disabledReason={HAS_PASSKEYS ? undefined : 'This browser has no passkeys, or has them on secure pages alone.'}
        onClick={() => signIn.mutate()}
      >
        Use a passkey
      </Button>
    </div>
  )
}
