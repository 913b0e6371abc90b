import { z } from 'zod'

import { WALLET_MESSAGE_LENGTH_MAX } from '../identity/identity.ts'
import { WALLET_CHALLENGE_PATH, WALLET_PATH } from './endpoints.ts'

const zEmail = z.email('An address of mail, such as ada@example.org.').max(320)
/** How long one may be, and what is too common, is said by better-auth and `checkPassword`. */
const zPassword = z.string().min(1).max(2_000)
const zCode = z.string().min(1).max(100)
const zToken = z.string().min(1).max(200)
const zId = z.string().min(1).max(64)
const zName = z.string().trim().min(1).max(100)
/** Where a link leads: within this server, and nowhere that a browser might take for another. */
const zPlace = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\]|%2f|%5c)[\w\-.~+/@%]*(\?[\w\-.~+/@%=&]*)?$/i, 'A path of this server, such as /welcome.')
/** As the browser says it of a passkey; better-auth reads the rest. */
const zCredential = z.looseObject({ id: z.string().max(2_000), response: z.looseObject({}) })

export const zWallet = z.strictObject({ chain: z.enum(['evm', 'solana']), address: z.string().min(1).max(64) })
export const zWalletProof = z.strictObject({
  message: z.string().min(1).max(WALLET_MESSAGE_LENGTH_MAX),
  signature: z.string().min(1).max(200),
})

export const zSignUp = z.strictObject({
  username: z.string().max(200),
  email: zEmail,
  password: zPassword,
  callbackURL: zPlace.optional(),
})

/** What each endpoint below `/auth` that changes something takes, and nothing besides; better-auth would let the rest pass. */
export const BODIES: Readonly<Record<string, z.ZodType>> = {
  '/sign-up/email': zSignUp,
  '/sign-in/email': z.strictObject({
    email: zEmail,
    password: zPassword,
    rememberMe: z.boolean().optional(),
    callbackURL: zPlace.optional(),
  }),
  [WALLET_CHALLENGE_PATH]: zWallet,
  [WALLET_PATH]: zWalletProof,
  '/sign-out': z.strictObject({}),
  '/send-verification-email': z.strictObject({ email: zEmail, callbackURL: zPlace.optional() }),
  '/request-password-reset': z.strictObject({ email: zEmail, redirectTo: zPlace }),
  '/reset-password': z.strictObject({ token: zToken, newPassword: zPassword }),
  '/change-password': z.strictObject({ currentPassword: zPassword, newPassword: zPassword }),
  '/change-email': z.strictObject({ newEmail: zEmail, callbackURL: zPlace.optional() }),
  '/two-factor/enable': z.strictObject({ password: zPassword }),
  '/two-factor/disable': z.strictObject({ password: zPassword }),
  '/two-factor/get-totp-uri': z.strictObject({ password: zPassword }),
  '/two-factor/verify-totp': z.strictObject({ code: zCode, trustDevice: z.boolean().optional() }),
  '/two-factor/verify-backup-code': z.strictObject({ code: zCode, trustDevice: z.boolean().optional() }),
  '/two-factor/generate-backup-codes': z.strictObject({ password: zPassword }),
  '/passkey/verify-registration': z.strictObject({ response: zCredential, name: zName.optional() }),
  '/passkey/verify-authentication': z.strictObject({ response: zCredential }),
  '/passkey/delete-passkey': z.strictObject({ id: zId }),
  '/passkey/update-passkey': z.strictObject({ id: zId, name: zName }),
}
