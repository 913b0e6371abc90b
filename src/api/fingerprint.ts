import { createHash } from 'node:crypto'

import canonicalize from 'canonicalize'

/**
 * What tells one request from another without keeping it: 8 bytes of SHA-256 each over method, path with query, and
 * canonical body (RFC 8785), then 4 + 4 bytes over name and value of each field of the body, which only serve to say later
 * what differs.
 */
export function fingerprint({ method, path, body }: RequestParts): Buffer {
  const fields = fieldsOf(body).flatMap(([name, value]) => [digest(name, FIELD_BYTES), digest(value, FIELD_BYTES)])
  return Buffer.concat([
    digest(method, PART_BYTES),
    digest(path, PART_BYTES),
    digest(canonical(body), PART_BYTES),
    ...fields,
  ])
}

/** The parts of a request that are not as they were: `method`, `path`, `body.amount`; `body` where no field can be named. */
export function changedParts(before: Buffer, parts: RequestParts): string[] {
  const after = fingerprint(parts)
  const changed = PARTS.filter((_, i) => !partAt(before, i).equals(partAt(after, i)))
  if (!changed.includes('body')) return changed
  const fields = changedFields(before, parts).map((name) => `body.${name}`)
  return fields.length === 0 ? changed : [...changed.filter((part) => part !== 'body'), ...fields]
}

export interface RequestParts {
  method: string
  path: string
  body: unknown
  /** The fields that a body may have here: of those that are missing now, only these can be named. */
  field_names: readonly string[]
}

function changedFields(before: Buffer, { body, field_names }: RequestParts): string[] {
  const were = new Map<string, string>()
  for (let at = PARTS.length * PART_BYTES; at < before.length; at += 2 * FIELD_BYTES) {
    were.set(hexAt(before, at), hexAt(before, at + FIELD_BYTES))
  }
  const are = new Map(fieldsOf(body).map(([name, value]) => [name, digest(value, FIELD_BYTES).toString('hex')]))
  const names = new Set([...are.keys(), ...field_names])
  return [...names].filter((name) => were.get(digest(name, FIELD_BYTES).toString('hex')) !== are.get(name)).toSorted()
}

function fieldsOf(body: unknown): [name: string, value: string][] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return []
  return Object.entries(body).map(([name, value]) => [name, canonical(value)])
}

function canonical(value: unknown): string {
  return canonicalize(value) ?? ''
}

function digest(text: string, bytes: number): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, bytes)
}

function partAt(print: Buffer, i: number): Buffer {
  return print.subarray(i * PART_BYTES, (i + 1) * PART_BYTES)
}

function hexAt(print: Buffer, at: number): string {
  return print.toString('hex', at, at + FIELD_BYTES)
}

const PARTS = ['method', 'path', 'body']
const PART_BYTES = 8
const FIELD_BYTES = 4
