import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { fetchRead } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { Button } from '../ui/button.tsx'
import { CONTROL } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { save } from './csv.tsx'
import { useEconomy } from './economy.tsx'
import { provePosting } from './proof.ts'
import { Verdict } from './verdict.tsx'

/** Proves one posting of an entry before the reader's eyes: this page does the arithmetic, the server only hands out the files. */
export function VerifyEntry({ id, postings }: { id: string; postings: number }) {
  const economy = useEconomy()
  const [posting, setPosting] = useState('0')
  const proof = async () =>
    await fetchRead(economy, '/ledger/entries/{id}/proof', { path: { id }, query: { posting: posting as never } })
  const verify = useMutation({
    mutationFn: async () => {
      const files = await proof()
      const [receipt] = files.receipts
      if (!receipt) throw new Error('There is no receipt.')
      return await provePosting(economy, { receipt, proof: files })
    },
  })
  const download = useMutation({
    mutationFn: async () => {
      const { tlog_proof, receipts } = await proof()
      save(`${id}.tlog-proof`, tlog_proof, 'text/plain')
      save(`${id}.receipt.json`, JSON.stringify(receipts[0], null, 2), 'application/json')
    },
  })
  return (
    <Card
      title="Proof"
      note="Recomputes in this page that the posting is in the entry, the entry in the log, and the log’s head signed."
      actions={
        <div className="flex flex-wrap items-center gap-2">
          {postings > 1 && (
            <label className="flex items-center gap-2 text-sm">
              Posting
              <input
                className={`${CONTROL} w-20`}
                type="number"
                min={0}
                max={postings - 1}
                value={posting}
                onChange={({ target }) => {
                  setPosting(target.value)
                  verify.reset()
                }}
              />
            </label>
          )}
          <Button busy={download.isPending} onClick={() => download.mutate()}>
            <Icon name="download" /> Proof files
          </Button>
          <Button look="primary" busy={verify.isPending} onClick={() => verify.mutate()}>
            Verify in the browser
          </Button>
        </div>
      }
    >
      {download.error && <Notice tone="danger">{sentenceOf(download.error)}</Notice>}
      <Verdict steps={verify.data} error={verify.error} />
      {!verify.data && !verify.error && (
        <p className="text-sm text-muted">
          The two files prove it without this server, too:{' '}
          <code className="font-mono text-xs">florin verify-proof</code> checks them offline.
        </p>
      )}
    </Card>
  )
}
