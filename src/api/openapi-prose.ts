/** What the reference says before the endpoints. */
export const DESCRIPTION = `
A token economy that can be proven: a double-entry ledger on PostgreSQL, sealed into a Merkle log.

**Amounts** are decimal strings such as \`"12.5"\`, with at most the asset's decimals. **Times** are RFC 3339 in UTC. **Ids** are UUIDs.
Fields that an endpoint does not know are refused.

**Keys.** Send \`Authorization: Bearer fl_…\`. A key belongs to one economy. A key of staff has one role; each endpoint names the roles that may use it. A
personal key acts for its person, as a member, within its scopes: \`read\`, \`transfer\`, \`stake\`, \`vote\`.

**People** sign in below \`/v1/{economy}/auth\` (docs/sign-in.md) and have a cookie instead; what changes something is then taken from this server's own pages alone.

**Repeating a request** is safe with an \`Idempotency-Key\` of your own: the same key and body give the same answer again, marked by
\`Idempotency-Replayed: true\`, and do nothing more. Another body under the same key is refused with 422 \`idempotency_key_reused\`. While the first is
under way the answer is 409 \`idempotency_key_in_flight\`: wait and repeat. Refusals for a reason of the business are remembered too; 5xx are not.

**Lists** come in pages: \`limit\` items, at most 200, and \`next_cursor\`, to be sent as \`cursor\` with the same filters.

**Refusals** are problem documents (RFC 9457, \`application/problem+json\`): programs read \`code\`, people read \`detail\`.
`.trim()

export const BEARER_DESCRIPTION =
  'A key such as `fl_…`, made by `florin key create`. It is shown once; Florin keeps its SHA-256.'
