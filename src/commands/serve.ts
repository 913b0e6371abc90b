import { once } from 'node:events'

import type { Command } from 'commander'

import { type App, createApp } from '../app.ts'
import { type Config, readConfig } from '../config.ts'
import { Unavailable } from '../core/errors.ts'
import { createLog } from '../core/log.ts'
import { listEconomies } from '../economy/control.ts'
import { createAppServer } from '../server.ts'
import { type Demo, DEMO_ECONOMY, prepareDemo } from './demo.ts'
import type { Terminal } from './terminal.ts'

/** `florin serve`. */
export function configureServe(command: Command, terminal: Terminal): void {
  command
    .description(
      'Start the server, and PostgreSQL with it unless DATABASE_URL names one. It stops on Ctrl-C or SIGTERM, once the requests under way are answered. The address is set by HOST and PORT.',
    )
    .option('--demo', `make the economy ${DEMO_ECONOMY} on the first start, with a part of a real wiki’s history`)
    .action(async ({ demo = false }: { demo?: boolean }) => await serve(terminal, demo))
}

async function serve(terminal: Terminal, demo: boolean): Promise<void> {
  const config = readConfig()
  const log = createLog({ level: config.log_level, destination: process.stderr })
  await using app = await createApp(config, { log, background: true })
  await takeServeLock(app)
  const shown = demo ? await prepareDemo(terminal, app) : undefined
  const server = await createAppServer(app)
  try {
    const address = await listen(server, config)
    log.info('server_started', { address })
    const names = (await listEconomies(app.control)).map(({ name }) => name)
    const data = { address, economies: names, ...(shown?.key && { key: shown.key.reveal() }) }
    await terminal.answer(data, shown ? demoText(address, shown) : serverText(address, names))
    if (!terminal.signal.aborted) await once(terminal.signal, 'abort')
    log.info('server_stopping', { reason: 'signal' })
  } finally {
    await server.close()
  }
}

/** One server at a time has the embedded database; several may share one that DATABASE_URL names. */
async function takeServeLock({ postgres, config }: App): Promise<void> {
  if (!postgres || (await postgres.tryServeLock())) return
  throw new Unavailable(
    'already_serving',
    `Another Florin serves ${config.data} already. Stop that one first, or set FLORIN_DATA to another folder for this one.`,
    { path: config.data },
  )
}

async function listen(
  server: { listen(address: { host: string; port: number }): Promise<string> },
  { host, port }: Config,
): Promise<string> {
  try {
    return await server.listen({ host, port })
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? LISTEN_REASONS[String(error.code)] : undefined
    if (reason === undefined) throw error
    throw new Unavailable('address_unusable', `Cannot listen on ${host}:${port}: ${reason}`, { host, port })
  }
}

const LISTEN_REASONS: { readonly [code: string]: string } = {
  EADDRINUSE: 'something else does already. Stop that, or set PORT to another port (0: any free one).',
  EADDRNOTAVAIL: 'this machine has no such address. Set HOST to one that it has, such as 127.0.0.1.',
  EACCES: 'this user may not. Set PORT to one above 1023.',
  ENOTFOUND: 'the name is not known. Set HOST to an address of this machine, such as 127.0.0.1.',
}

function serverText(address: string, economies: readonly string[]): string {
  const list = economies.length > 0 ? economies.join(', ') : 'none yet; make one with "florin economy create"'
  return `Florin serves at ${address} (API reference: ${address}/docs). Economies: ${list}. Stop with Ctrl-C.`
}

/** Three commands to paste; the second and third need the key. */
function demoText(address: string, { key, wallet }: Demo): string {
  const api = `${address}/v1/${DEMO_ECONOMY}`
  const postings = [{ from: 'treasury:main', to: wallet, asset: 'KONTRIB', amount: '12.5' }]
  const payment = JSON.stringify({ entries: [{ kind: 'transfer', postings }] })
  const bearer = `-H "Authorization: Bearer $KEY"`
  const given = key
    ? `The owner's key of ${DEMO_ECONOMY}, shown this once:\n  export KEY=${key.reveal()}`
    : `A key for ${DEMO_ECONOMY}:\n  export KEY=$(./bin/florin key create --economy ${DEMO_ECONOMY} --role owner --name me)`
  return `
Florin serves at ${address}
API reference: ${address}/docs

${given}

Three things to try:
  1. Who contributed most, and what it earned them:
     curl -s ${bearer} "${api}/contributors?limit=3"
  2. A payment to one of them, posted once however often it is sent:
     curl -s ${bearer} -H "Idempotency-Key: first-payment" -H "Content-Type: application/json" ${api}/ledger/entries -d '${payment}'
  3. The signed head of the log that both are sealed into:
     curl -s ${api}/ledger/checkpoint

Stop with Ctrl-C.`
}
