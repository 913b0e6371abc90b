// A payment, proven without trusting the server that says so. With the server that "npm start" runs:
//   KEY=fl_… node sdk/example.ts
import { createClient, items, unwrap, verifyReceipt } from './src/sdk.ts'

const { KEY: key = '', URL: url = 'http://127.0.0.1:7411' } = process.env
const api = createClient({ url, economy: 'kontrib', key })

// Posted once, however often the network fails: the client sends the same key again.
const postings = [{ from: 'treasury:main', to: 'users:example:available', asset: 'KONTRIB', amount: '12.5' }]
await api.POST('/ledger/accounts', { body: { path: 'users:example:available', asset: 'KONTRIB' } })
const { results } = unwrap(await api.POST('/ledger/entries', { body: { entries: [{ kind: 'transfer', postings }] } }))
console.log(results)

// The newest entries, page after page.
for await (const entry of items((cursor) =>
  api.GET('/ledger/entries', { params: { query: { limit: 50, ...cursor } } }),
)) {
  // Sealed a moment after it was posted. Get the keys by another way too before you trust them.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const vkeys = unwrap(await api.GET('/ledger/log-keys')).data
  const query = { posting: 0, disclose: 'to_balance' }
  const proof = unwrap(await api.GET('/ledger/entries/{id}/proof', { params: { path: { id: entry.id }, query } }))
  const receipt = JSON.stringify(proof.receipts[0])
  console.log(verifyReceipt({ receipt, proof: proof.tlog_proof, vkeys }).posting)
  break
}
