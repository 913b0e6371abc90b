import { twoFactor } from 'better-auth/plugins/two-factor'
import { z } from 'zod'

import { WALLET_PATH } from './endpoints.ts'

/**
 * The second factor of who wants one, asked of them after a password, and after what is one thing that they have and no more:
 * a wallet, or a passkey that did not make sure whose finger or PIN it was.
 */
export function secondFactor(issuer: string) {
  const plugin = twoFactor({ issuer })
  const after = plugin.hooks.after.map((hook) => ({
    ...hook,
    matcher: (context: Parameters<typeof hook.matcher>[0]) => isOneThing(context) || hook.matcher(context),
  }))
  return { ...plugin, hooks: { after } }
}

function isOneThing({ path, body }: { path?: string | undefined; body?: unknown }): boolean {
  return path === WALLET_PATH || (path === '/passkey/verify-authentication' && !userWasVerified(body))
}

const zAnswer = z.object({ response: z.object({ response: z.object({ authenticatorData: z.string() }) }) })

/** The flag UV of the authenticator's data (WebAuthn, 6.1), whose signature was checked before anybody is signed in. */
function userWasVerified(body: unknown): boolean {
  const { data } = zAnswer.safeParse(body)
  const flags = data && Buffer.from(data.response.response.authenticatorData, 'base64url')[FLAGS_AT]
  return flags !== undefined && (flags & USER_VERIFIED) !== 0
}

const FLAGS_AT = 32
const USER_VERIFIED = 0x04
