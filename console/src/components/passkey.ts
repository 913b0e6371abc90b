import { auth, authRead, type FirstStep } from '../api/auth.ts'
import { BrowserRefusal } from '../api/errors.ts'

/** Whether this browser has passkeys at all; some have them on secure pages alone. */
export const HAS_PASSKEYS = 'PublicKeyCredential' in globalThis

/** Makes a passkey in this browser or device, for who is signed in. */
export async function addPasskey(economy: string, name: string): Promise<void> {
  const { startRegistration } = await import('@simplewebauthn/browser')
  const optionsJSON = await options<Parameters<typeof startRegistration>[0]['optionsJSON']>(economy, 'register')
  const response = await asked(async () => await startRegistration({ optionsJSON }))
  await auth(economy, '/passkey/verify-registration', { response, name })
}

/** Signs in with a passkey that was made here before; one that took neither finger nor PIN is a first step alone. */
export async function signInByPasskey(economy: string): Promise<FirstStep> {
  const { startAuthentication } = await import('@simplewebauthn/browser')
  const optionsJSON = await options<Parameters<typeof startAuthentication>[0]['optionsJSON']>(economy, 'authenticate')
  const response = await asked(async () => await startAuthentication({ optionsJSON }))
  return await auth<FirstStep>(economy, '/passkey/verify-authentication', { response })
}

async function options<Options>(economy: string, what: 'register' | 'authenticate'): Promise<Options> {
  const { queryFn } = authRead<Options>(economy, `/passkey/generate-${what}-options`)
  return await queryFn({ signal: AbortSignal.timeout(TIMEOUT_MS) })
}

/** What a browser throws says more than a person wants to know: who declined, and who waited too long, look the same. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    throw new BrowserRefusal(name === 'InvalidStateError' ? KNOWN : DECLINED)
  }
}

const TIMEOUT_MS = 30_000
const KNOWN = 'This device has a passkey for your account already.'
const DECLINED = 'No passkey was used. Try again, and confirm it when your device asks.'
