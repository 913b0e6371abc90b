import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

import { fastify, type FastifyInstance } from 'fastify'

import { must } from '../core/assert.ts'
import { type DocumentedRoute, openApiDocument } from './openapi.ts'

/**
 * `/openapi.json` and, drawn from it, the reference at `/docs`. The page and its script come from this server; its
 * policy lets the browser ask nobody else, so it works without a network and tells nobody who reads it. Both are made when they
 * are first asked for: the script is 4 MB, and loading it takes a fifth of a second that starting Florin should not.
 */
export function mountReference(app: FastifyInstance, { routes, version }: ReferenceOptions): void {
  const document = once(() => JSON.stringify(openApiDocument(routes, { version })))
  const page = once(async () => await drawPage())

  app.get(DOCUMENT_PATH, (_, reply) => reply.header('content-type', 'application/json; charset=utf-8').send(document()))

  app.get(PAGE_PATH, async (_, reply) => {
    const { html, policy } = await page()
    return await reply
      .headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy })
      .send(html)
  })

  app.get(SCRIPT_PATH, async (request, reply) => {
    const { script, zipped } = await page()
    const packed = /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '')
    reply.headers({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
    })
    return await (packed ? reply.header('content-encoding', 'gzip').send(zipped) : reply.send(script))
  })
}

export interface ReferenceOptions {
  routes: readonly DocumentedRoute[]
  version: string
}

const DOCUMENT_PATH = '/openapi.json'
const PAGE_PATH = '/docs'
const SCRIPT_PATH = '/docs/js/scalar.js'
export const REFERENCE_PATHS = [DOCUMENT_PATH, PAGE_PATH, SCRIPT_PATH]

/** Everything that would call out is off: fonts, telemetry, the assistant, the proxy for trying requests. */
const CONFIGURATION = {
  url: DOCUMENT_PATH,
  cdn: SCRIPT_PATH,
  pageTitle: 'Florin',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  defaultOpenAllTags: false,
  theme: 'default',
} as const

/** Scalar's plugin has the script only inside of a Fastify of its own, so it gets one for as long as that takes. */
async function drawPage(): Promise<Page> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const workshop = fastify()
  await workshop.register(scalar, { routePrefix: PAGE_PATH, configuration: CONFIGURATION })
  const html = (await workshop.inject(`${PAGE_PATH}/`)).body
  const script = (await workshop.inject(SCRIPT_PATH)).rawPayload
  await workshop.close()
  return { html, policy: policyOf(html), script, zipped: await promisify(gzip)(script) }
}

function policyOf(html: string): string {
  const inline = must(/<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1], 'The page starts itself.')
  const digest = createHash('sha256').update(inline).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${digest}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

interface Page {
  html: string
  policy: string
  script: Buffer
  zipped: Buffer
}
