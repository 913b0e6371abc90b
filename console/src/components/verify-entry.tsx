import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { fetchRead } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { type Check, verifyReceipt } from '../proof/receipt.ts'
import { Button } from '../ui/button.tsx'
import { CONTROL } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { save } from './csv.tsx'
import { useEconomy } from './economy.tsx'

/** Proves one posting of an entry before the reader's eyes: this page does the arithmetic, the server only hands out the files. */
export function VerifyEntry({ id, postings }: { id: string; postings: number }) {
  const economy = useEconomy()
  const [posting, setPosting] = useState('0')
  const proof = async () =>
    await fetchRead(economy, '/ledger/entries/{id}/proof', { path: { id }, query: { posting: posting as never } })
  const verify = useMutation({
    mutationFn: async () => {
      const [{ tlog_proof, receipts, block }, keys] = await Promise.all([
        proof(),
        fetchRead(economy, '/ledger/log-keys'),
      ])
      const [receipt] = receipts
      if (!receipt) throw new Error('There is no receipt.')
      return { block, checks: await verifyReceipt({ receipt, tlogProof: tlog_proof, vkeys: keys.data }) }
    },
  })
  const download = useMutation({
    mutationFn: async () => {
      const { tlog_proof, receipts } = await proof()
      save(`${id}.tlog-proof`, tlog_proof, 'text/plain')
      save(`${id}.receipt.json`, JSON.stringify(receipts[0], null, 2), 'application/json')
    },
  })
  const failed = verify.error ?? download.error
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
      {failed && <Notice tone="danger">{sentenceOf(failed)}</Notice>}
      {verify.data && <Verdict checks={verify.data.checks} />}
      {!verify.data && !failed && (
        <p className="text-sm text-muted">
          The two files prove it without this server, too:{' '}
          <code className="font-mono text-xs">florin verify proof</code> checks them offline.
        </p>
      )}
    </Card>
  )
}

export function Verdict({ checks }: { checks: readonly Check[] }) {
  const good = checks.every(({ holds }) => holds)
  return (
    <div className="space-y-3">
      <Notice tone={good ? 'good' : 'danger'} title={good ? 'Verified in this browser' : 'This does not verify'}>
        {!good && 'Keep the proof files, and ask your operator and the log’s witnesses about them.'}
      </Notice>
      <ul className="space-y-2">
        {checks.map(({ name, holds, shown }) => (
          <li key={name} className="flex gap-2.5">
            <Icon name={holds ? 'check' : 'close'} className={`mt-1 ${holds ? 'text-accent' : 'text-danger'}`} />
            <div className="min-w-0">
              <p>
                {name}
                <span className="sr-only">{holds ? ': yes' : ': no'}</span>
              </p>
              <p className="font-mono text-xs break-all text-muted">{shown}</p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}
