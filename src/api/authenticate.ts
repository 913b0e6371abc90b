import { hash } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import type { Actor } from '../core/actor.ts'
import { Unauthorized } from '../core/errors.ts'

/**
 * Finds out who calls, by `Authorization: Bearer fl_…`. What the database said of a key is believed for REMEMBER_MS, so that a
 * key costs one lookup a second however often it is used, and a revoked one dies within that time everywhere; in this
 * process at once, since whoever revokes calls `forget`. Keys are remembered by their SHA-256 alone: nothing here compares
 * or keeps the key itself.
 */
export function createAuthenticator<Economy extends object>({
  lookup,
  monotonic_ms = () => performance.now(),
}: AuthenticatorOptions<Economy>): Authenticator<Economy> {
  const caches = new WeakMap<Economy, LRUCache<string, Remembered>>()

  const cacheOf = (economy: Economy) => {
    const known = caches.get(economy)
    if (known) return known
    const cache = new LRUCache<string, Remembered>({ max: KEYS_MAX })
    caches.set(economy, cache)
    return cache
  }

  const remembered = (economy: Economy, digest: string) => {
    const known = caches.get(economy)?.get(digest)
    return known && known.until_ms > monotonic_ms() ? known.actor : undefined
  }

  const lookUp = async (economy: Economy, key: string, digest: string) => {
    const cache = cacheOf(economy)
    const looked: Remembered = { actor: lookup(economy, key), until_ms: monotonic_ms() + REMEMBER_MS }
    cache.set(digest, looked)
    try {
      return await looked.actor
    } catch (error) {
      // A database that did not answer says nothing about the key.
      if (cache.get(digest) === looked) cache.delete(digest)
      throw error
    }
  }

  return {
    async authenticate(economy, header, beforeLookup) {
      const key = readKey(header)
      const digest = hash('sha256', key, 'base64url')
      const known = remembered(economy, digest)
      if (known) return refuseUnknown(await known)
      await beforeLookup()
      // Somebody else may have begun to look it up meanwhile.
      return refuseUnknown(await (remembered(economy, digest) ?? lookUp(economy, key, digest)))
    },
    forget: (economy) => caches.get(economy)?.clear(),
  }
}

export interface Authenticator<Economy> {
  /** `beforeLookup` may refuse to ask the database. Fails: authentication_required, key_invalid. */
  authenticate(economy: Economy, header: string | undefined, beforeLookup: () => Promise<void>): Promise<Actor>
  /** The next request with any key of this economy asks the database. */
  forget(economy: Economy): void
}

interface AuthenticatorOptions<Economy> {
  lookup: (economy: Economy, key: string) => Promise<Actor | undefined>
  monotonic_ms?: () => number
}

interface Remembered {
  actor: Promise<Actor | undefined>
  until_ms: number
}

function readKey(header: string | undefined): string {
  if (header === undefined || !BEARER.test(header)) {
    throw new Unauthorized(
      'authentication_required',
      'Sign in, or send your key in the header "Authorization: Bearer fl_…".',
    )
  }
  const key = header.replace(BEARER, '')
  if (!KEY.test(key)) throw keyInvalid()
  return key
}

function refuseUnknown(actor: Actor | undefined): Actor {
  if (actor === undefined) throw keyInvalid()
  return actor
}

function keyInvalid(): Error {
  return new Unauthorized('key_invalid', 'This key is unknown or revoked. Keys begin with fl_ and are shown once.')
}

export const REMEMBER_MS = 1_000
const KEYS_MAX = 10_000
const BEARER = /^Bearer +/i
const KEY = /^fl_[A-Za-z0-9_-]{16,128}$/
