import type { BetterAuthPlugin } from 'better-auth'
import { APIError, createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { parseUserOutput } from 'better-auth/db'

import type { Clock } from '../core/clock.ts'
import { type Db, transaction } from '../core/db.ts'
import { AppError, Unauthorized } from '../core/errors.ts'
import { makeChallenge, ownerOfWallet, takeProof } from '../identity/identity.ts'
import type { AuthRequests } from './adapter.ts'
import { zWallet, zWalletProof } from './bodies.ts'
import { WALLET_CHALLENGE_PATH, WALLET_PATH } from './endpoints.ts'

/**
 * Signing in with a linked wallet, as better-auth has its own ways: the first endpoint answers with a message to sign,
 * whether anybody has linked the wallet or not; the second takes it signed, and begins a session.
 */
export function walletSignIn({ db, clock, requests, site }: WalletSignIn) {
  return {
    id: 'wallet-sign-in',
    endpoints: {
      challengeWallet: createAuthEndpoint(WALLET_CHALLENGE_PATH, { method: 'POST', body: zWallet }, async (ctx) => {
        const challenge = await heard(requests, async () => {
          const asked = { ...ctx.body, origin: site, now: clock.now() }
          return await transaction(db, async (tx) => await makeChallenge(tx, asked))
        })
        return ctx.json(challenge)
      }),
      signInWallet: createAuthEndpoint(WALLET_PATH, { method: 'POST', body: zWalletProof }, async (ctx) => {
        const login = await heard(requests, async () => {
          const proof = { ...ctx.body, origin: site, now: clock.now() }
          const wallet = await transaction(db, async (tx) => await takeProof(tx, proof))
          const owner = await ownerOfWallet(db, wallet)
          if (owner) return owner.login
          throw new Unauthorized(
            'wallet_not_linked',
            'Nobody has linked this wallet. Sign in another way, then link it to your account.',
          )
        })
        const { internalAdapter, options } = ctx.context
        const user = await internalAdapter.findUserById(login)
        if (!user) throw APIError.fromStatus('UNAUTHORIZED')
        const session = await internalAdapter.createSession(login)
        await setSessionCookie(ctx, { session, user })
        return ctx.json({ user: parseUserOutput(options, user) })
      }),
    },
  } satisfies BetterAuthPlugin
}

interface WalletSignIn {
  db: Db
  clock: Clock
  requests: AuthRequests
  /** Where people reach us, as https://wiki.example: by configuration, never by a request's own word. */
  site: string
}

/** better-auth would answer with an error of its own for one of ours. */
async function heard<T>(requests: AuthRequests, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    requests.getStore()?.refuse?.(error)
    throw APIError.fromStatus('BAD_REQUEST')
  }
}
