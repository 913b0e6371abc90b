import { Readable } from 'node:stream'

import type { FastifyReply, FastifyRequest } from 'fastify'

import type { OpenStream } from '../core/http.ts'

/**
 * Answers that go on: each piece is sent as soon as there is one, and the next is asked for when the caller has taken it,
 * so that a slow reader is waited for and nothing piles up. A stream ends when the caller hangs up or takes nothing for
 * STALLED_MS, when whoever asked may not any more (a key revoked, a session over), and when the server stops.
 */
export function createStreams(): Streams {
  const open = new Set<AbortController>()
  return {
    end: () => {
      for (const controller of open) controller.abort()
    },
    open(start, { request, reply, mayGoOn, held }) {
      const controller = new AbortController()
      const header = request.headers['last-event-id']
      const last_event_id = Array.isArray(header) ? header[0] : header
      const pieces = begin(start, { signal: controller.signal, last_event_id }, held)
      open.add(controller)
      const stop = () => controller.abort()
      const asked = setInterval(() => void mayGoOn().catch(stop), ASK_AGAIN_MS)
      const body = Readable.from(pieces, { highWaterMark: 1 })
      // Also when the caller takes nothing: the connection's own time limit is for requests, not for answers.
      reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy())
      reply.raw.once('close', stop)
      controller.signal.addEventListener('abort', () => {
        clearInterval(asked)
        open.delete(controller)
        held[Symbol.dispose]()
        body.destroy()
        // Cut off rather than ended: what was to be a whole file must not look like one.
        reply.raw.destroy()
      })
      return reply.header('x-accel-buffering', 'no').send(body)
    },
  }
}

export interface Streams {
  /** Ends all of them: the server stops. */
  end(): void
  open(start: OpenStream, options: StreamOptions): FastifyReply
}

function begin(start: OpenStream, connection: Parameters<OpenStream>[0], held: Disposable): AsyncIterable<string> {
  try {
    return start(connection)
  } catch (error) {
    held[Symbol.dispose]()
    throw error
  }
}

interface StreamOptions {
  request: FastifyRequest
  reply: FastifyReply
  /** Fails when whoever asked may not read on. */
  mayGoOn: () => Promise<void>
  /** What the stream needs for as long as it lasts. */
  held: Disposable
}

/** Once in so long it is asked whether the key is still good. */
export const ASK_AGAIN_MS = 2_000
const STALLED_MS = 60_000
