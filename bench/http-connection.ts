import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/**
 * One keep-alive connection that sends one request at a time. Written on the bare socket, since on a machine with few
 * cores whatever the client costs, the server does not get; it understands no more of HTTP than our server says.
 */
export class HttpConnection {
  readonly #socket: Socket
  readonly #head: string
  #received: Buffer = Buffer.alloc(0)
  #waiting: PromiseWithResolvers<Answer> | undefined

  /**
   * `headers` go along with each request, such as the key or the cookie of a session. `from` is which of this machine's own
   * addresses it comes from, for what is limited by address.
   */
  static async open(
    address: string,
    headers: Record<string, string> = {},
    from = '127.0.0.1',
  ): Promise<HttpConnection> {
    const { hostname, port } = new URL(address)
    const socket = connect({ host: hostname, port: Number(port), localAddress: from, noDelay: true })
    await once(socket, 'connect')
    const lines = Object.entries({ host: `${hostname}:${port}`, ...headers })
    return new HttpConnection(socket, lines.map(([name, value]) => `${name}: ${value}\r\n`).join(''))
  }

  private constructor(socket: Socket, head: string) {
    this.#socket = socket
    this.#head = head
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('The connection was closed.')))
  }

  async post(path: string, body: string): Promise<Answer> {
    const length = Buffer.byteLength(body)
    return await this.#ask(
      `POST ${path} HTTP/1.1\r\n${this.#head}content-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`,
    )
  }

  async get(path: string): Promise<Answer> {
    return await this.#ask(`GET ${path} HTTP/1.1\r\n${this.#head}\r\n`)
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Rejects when the connection ends before the answer: then nobody knows what became of the request. */
  async #ask(request: string): Promise<Answer> {
    if (this.#socket.destroyed) throw new Error('The connection was closed.')
    this.#waiting = Promise.withResolvers()
    this.#socket.write(request)
    try {
      return await this.#waiting.promise
    } finally {
      this.#waiting = undefined
    }
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const headEnd = this.#received.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const head = this.#received.toString('latin1', 0, headEnd)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
    if (Number.isNaN(length)) return this.#waiting?.reject(new Error('An answer without content-length.'))
    const end = headEnd + '\r\n\r\n'.length + length
    if (this.#received.length < end) return
    const body = this.#received.toString('utf8', end - length, end)
    this.#received = this.#received.subarray(end)
    this.#waiting?.resolve({ status: Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)), head, body })
  }
}

export interface Answer {
  status: number
  /** Its first line and its headers. */
  head: string
  body: string
}
