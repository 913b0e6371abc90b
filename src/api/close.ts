import type { Server, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

import type { FastifyInstance } from 'fastify'

/**
 * Closing that waits for the requests under way and for nothing else. Node by itself would also wait for connections that
 * never asked anything, and for those that fall idle while it is closing. Streams would never end by themselves.
 */
export function gracefulClose(app: FastifyInstance, endStreams: () => void): () => Promise<void> {
  const silent = silentConnections(app.server)
  return async () => {
    const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_CHECK_MS)
    const late = setTimeout(() => app.server.closeAllConnections(), CLOSE_TIMEOUT_MS)
    const closed = app.close()
    endStreams()
    for (const socket of silent) socket.destroy()
    try {
      await closed
    } finally {
      clearInterval(idle)
      clearTimeout(late)
    }
  }
}

/** Connections that have not sent a whole request yet. */
function silentConnections(server: Server): ReadonlySet<Socket> {
  const silent = new Set<Socket>()
  server.on('connection', (socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket))
  return silent
}

export const CLOSE_TIMEOUT_MS = 10_000
const IDLE_CHECK_MS = 50
