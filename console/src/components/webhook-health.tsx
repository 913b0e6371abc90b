import type { Item } from '../api/client.ts'
import { Badge } from '../ui/surfaces.tsx'

type Webhook = Item<'/webhooks'>

/** How a webhook is, in a word: what comes first is what somebody should look at first. */
export function WebhookHealth({ webhook: { status, retrying, failed } }: { webhook: Webhook }) {
  if (status === 'disabled') return <Badge tone="warning">Disabled</Badge>
  if (retrying > 0) return <Badge tone="danger">{retrying} refused, tried again</Badge>
  if (failed > 0) return <Badge tone="warning">{failed} given up</Badge>
  return <Badge tone="good">Well</Badge>
}
