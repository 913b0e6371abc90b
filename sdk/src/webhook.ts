import { Webhook } from 'standardwebhooks'

/**
 * What a webhook says, if the server signed it with this secret (`whsec_…`) within the last five minutes; else it throws.
 * `body` is the text as it arrived: parsed and written again it would have another signature. Deliveries may come twice:
 * remember `webhook-id`.
 */
export function verifyWebhook(secret: string, { headers, body }: Received): WebhookEvent {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
  const signed = Object.fromEntries(names.map((name) => [name, headers[name] ?? '']))
  return new Webhook(secret).verify(body, signed) as WebhookEvent
}

export interface Received {
  /** By their names in lower case, as Node gives them. */
  headers: Record<string, string | undefined>
  body: string
}

export interface WebhookEvent {
  /** Such as `entry.posted.weekly_reward` or `parameter.set`. */
  type: string
  timestamp: string
  id: string
  /** Of the event's leaf in the log. */
  position: string
  /** Events of one subject arrive in order. */
  subject: string
  data: Record<string, unknown>
}
