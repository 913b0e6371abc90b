import { isIP } from 'node:net'

import ipaddr from 'ipaddr.js'

import { Invalid } from '../core/errors.ts'

/**
 * Where events may be sent: over TLS, to public addresses. What a name resolves to is judged again whenever it is
 * connected to, since who owns a name says where it leads. `private_allowed` (FLORIN_WEBHOOKS_PRIVATE) is for development.
 * Fails: webhook_url_invalid, webhook_address_private.
 */
export function readTarget(text: string, { private_allowed }: { private_allowed: boolean }): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = url?.protocol === 'https:' || (private_allowed && url?.protocol === 'http:')
  if (!url || !scheme || url.username !== '' || url.password !== '' || url.hash !== '' || url.port === '0') {
    throw new Invalid(
      'webhook_url_invalid',
      'Give an address such as https://shop.example/events, without a password or a #.',
    )
  }
  const host = url.hostname.replaceAll(/^\[|\]$/g, '')
  if (!private_allowed && isIP(host) !== 0 && !isPublic(host)) throw privateAddress(host)
  return url
}

/**
 * Is it an address of the Internet at large? Not loopback, link-local, private, shared, multicast or reserved ones, nor
 * IPv6 forms that carry such an IPv4 address.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast'
}

export function privateAddress(address: string): Invalid {
  return new Invalid(
    'webhook_address_private',
    `${address} is no address of the public Internet, so nothing is sent there.`,
  )
}
type Invalid = InstanceType<typeof Invalid>
