import { createServer } from 'node:http'

import { Webhook } from 'standardwebhooks'

/** A server of somebody else, which verifies what it hears with the public package. */
export async function startReceiver(): Promise<Receiver> {
  const receiver: Receiver = {
    address: '',
    secret: '',
    status: 204,
    heard: [],
    forged: 0,
    [Symbol.asyncDispose]: async () => await new Promise((resolve) => void server.close(() => resolve())),
  }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString()))
    request.on('end', () => {
      try {
        const headers = request.headers as Record<string, string>
        receiver.heard.push(new Webhook(receiver.secret).verify(body, headers) as object)
      } catch {
        receiver.forged++
      }
      response.writeHead(receiver.status).end(receiver.status === 500 ? 'not now' : undefined)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address === 'object' && address) receiver.address = `http://127.0.0.1:${address.port}/florin`
  return receiver
}

export interface Receiver extends AsyncDisposable {
  address: string
  secret: string
  /** What it answers. */
  status: number
  heard: object[]
  /** Messages that were not ours. */
  forged: number
}
