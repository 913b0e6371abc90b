import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

import { Unavailable } from '../core/errors.ts'

/**
 * The web console, as `npm run console` built it, at `/console`. Each of its addresses is answered with the one page, which
 * then reads the address; its files have the hash of what is in them in their names, so browsers keep them for good, and
 * ask for the page every time. Its policy lets it load and call nothing but this server, and runs nothing that stands
 * inside of the page.
 */
export async function mountConsole(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: ASSETS_PATH,
    index: false,
    decorateReply: false,
    preCompressed: true,
    immutable: true,
    maxAge: YEAR_MS,
    // Whatever is missing is answered as any address with nothing at it.
    wildcard: true,
  })
  const page = async (reply: FastifyReply) => {
    const html = await readFile(join(folder, 'index.html'), 'utf8').catch(notBuilt)
    return await reply
      .headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY })
      .send(html)
  }
  app.get('/', (_, reply) => reply.redirect('/console/'))
  app.get('/console', (_, reply) => reply.redirect('/console/'))
  app.get('/console/*', async (_, reply) => await page(reply))
}

export const CONSOLE_PATHS = ['/', '/console']

const ASSETS_PATH = '/console/assets/'
const YEAR_MS = 365 * 86_400_000

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

function notBuilt(): never {
  throw new Unavailable('console_not_built', 'The console is not built yet. Run: npm run console')
}
