export { type Client, createClient, type ClientOptions } from './client.ts'
export { FlorinError, unwrap } from './errors.ts'
export { items } from './items.ts'
export { verifyWebhook } from './webhook.ts'
