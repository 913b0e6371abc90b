import { useMutation } from '@tanstack/react-query'

import { fetchRead } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Card } from '../ui/surfaces.tsx'
import { save } from './csv.tsx'
import { useEconomy } from './economy.tsx'
import { proveEvent } from './proof.ts'
import { Verdict } from './verdict.tsx'

/** Proves an audit event before the reader's eyes, and hands out the two files that prove it anywhere. */
export function VerifyEvent({ id, sealed }: { id: string; sealed: boolean }) {
  const economy = useEconomy()
  const proof = async () =>
    await fetchRead(economy, '/audit/{id}/proof', { path: { id }, query: { disclose: 'actor,diff' } })
  const verify = useMutation({ mutationFn: async () => await proveEvent(economy, await proof()) })
  const download = useMutation({
    mutationFn: async () => {
      const { tlog_proof, receipt } = await proof()
      save(`${id}.tlog-proof`, tlog_proof, 'text/plain')
      save(`${id}.receipt.json`, JSON.stringify(receipt, null, 2), 'application/json')
    },
  })
  const disabledReason = sealed ? undefined : 'It is sealed in a moment.'
  return (
    <Card
      title="Proof"
      note="Recomputes in this page that the event is in the log as it is shown here, and the log’s head signed."
      actions={
        <div className="flex flex-wrap items-center gap-2">
          <Button busy={download.isPending} disabledReason={disabledReason} onClick={() => download.mutate()}>
            <Icon name="download" /> Proof files
          </Button>
          <Button
            look="primary"
            busy={verify.isPending}
            disabledReason={disabledReason}
            onClick={() => verify.mutate()}
          >
            Verify in the browser
          </Button>
        </div>
      }
    >
      <Verdict steps={verify.data} error={verify.error ?? download.error} />
      {!verify.data && !verify.error && !download.error && (
        <p className="text-sm text-muted">
          The two files prove it without this server, too:{' '}
          <code className="font-mono text-xs">florin verify-proof</code> checks them offline.
        </p>
      )}
    </Card>
  )
}
