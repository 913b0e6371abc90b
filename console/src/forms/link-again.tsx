import { useMutation } from '@tanstack/react-query'

import { auth } from '../api/auth.ts'
import { sentenceOf } from '../api/errors.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/surfaces.tsx'

/** Mails the link once more that proves an address; whether there is a sign-up with it, nobody hears. */
export function LinkAgain({ economy, email }: { economy: string; email: string }) {
  const ask = useMutation({ mutationFn: async () => await auth(economy, '/send-verification-email', { email }) })
  return (
    <div className="space-y-3">
      {ask.error && <Notice tone="danger">{sentenceOf(ask.error)}</Notice>}
      {ask.isSuccess && (
        <Notice tone="good">Another link is on its way to {email}. Look among unwanted mail, too.</Notice>
      )}
      <Button busy={ask.isPending} onClick={() => ask.mutate()}>
        Send the link again
      </Button>
    </div>
  )
}
