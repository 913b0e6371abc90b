import { useState } from 'react'

import { ApiError } from '../api/errors.ts'

/**
 * The key of what a form is about to do. It stays while nobody knows whether the server did it, so that pressing again
 * does it once; what was done or refused is settled, and the next press is something else.
 */
export function useIdempotencyKey(): { key: string; settled: (error?: unknown) => void } {
  const [key, setKey] = useState(newKey)
  return {
    key,
    settled: (error) => {
      const unknown = error instanceof ApiError && (error.status === 0 || error.status >= 500)
      if (!unknown) setKey(newKey())
    },
  }
}

/** Not randomUUID: browsers have it on secure pages alone. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
