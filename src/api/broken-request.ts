import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

import { BadRequest } from '../core/errors.ts'
import { problemHeaders, toProblem } from './errors.ts'

/**
 * Answers what is not even HTTP, or took too long to arrive: Node hands over the bare connection, and it is closed
 * after the problem document: url and headers have not been read, so neither path nor id are known.
 */
export function answerBrokenRequest(error: Error & { code?: string | undefined }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const known = error.code !== undefined && ANSWERED.has(error.code) ? error : NOT_HTTP
  const problem = toProblem(known, { path: '', request_id: '' })
  const body = JSON.stringify(problem)
  const headers = { ...problemHeaders(problem), 'content-length': Buffer.byteLength(body), connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  if (socket.writable) {
    socket.write(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`)
  }
  socket.destroySoon()
}

const ANSWERED = new Set(['HPE_HEADER_OVERFLOW', 'ERR_HTTP_REQUEST_TIMEOUT'])
const NOT_HTTP = new BadRequest('http_invalid', 'This is no HTTP request that can be read.')
