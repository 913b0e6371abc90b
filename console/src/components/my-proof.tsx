import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { fetchRead } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { Skeleton } from '../ui/surfaces.tsx'
import { save } from './csv.tsx'
import { useEconomy } from './economy.tsx'
import { provePosting } from './proof.ts'
import { Verdict } from './verdict.tsx'

/** What is not sealed yet is, soon: then it can be proven without anybody's asking. */
const SEALED_MS = 2_000

/** Proves one's own line in this page, and hands out the two files that prove it anywhere. */
export function MyProof({ entry, posting, sealed }: { entry: string; posting: number; sealed: boolean }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const [open, setOpen] = useState(false)
  const verify = useMutation({
    mutationFn: async () => {
      const proof = await fetchRead(economy, '/me/entries/{id}/proof', { path: { id: entry }, query: { posting } })
      const [receipt] = proof.receipts
      if (!receipt) throw new Error('There is no receipt.')
      return { steps: await provePosting(economy, { receipt, proof }), receipt, tlogProof: proof.tlog_proof }
    },
  })
  useEffect(() => {
    if (sealed) return undefined
    const timer = setInterval(() => void queries.invalidateQueries({ queryKey: [economy] }), SEALED_MS)
    return () => clearInterval(timer)
  }, [sealed, queries, economy])
  return (
    <>
      <Button
        look="quiet"
        disabledReason={sealed ? undefined : 'It is sealed in a moment.'}
        onClick={() => {
          setOpen(true)
          verify.mutate()
        }}
      >
        Verify
      </Button>
      <Dialog open={open} title="Proof of this line" onClose={() => setOpen(false)}>
        {verify.isPending && <Skeleton lines={3} />}
        <Verdict steps={verify.data?.steps} error={verify.error} />
        <div className="mt-5 flex justify-end gap-2">
          {verify.data && (
            <Button
              onClick={() => {
                save(`${entry}.tlog-proof`, verify.data.tlogProof, 'text/plain')
                save(`${entry}.receipt.json`, JSON.stringify(verify.data.receipt, null, 2), 'application/json')
              }}
            >
              <Icon name="download" /> Proof files
            </Button>
          )}
          <Button onClick={() => setOpen(false)}>Close</Button>
        </div>
      </Dialog>
    </>
  )
}
