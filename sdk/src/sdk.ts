export { type Client, createClient, type ClientOptions } from './client.ts'
export { FlorinError, unwrap } from './errors.ts'
export { items } from './items.ts'
export type { components, paths } from './schema.gen.ts'
export { createSignIn, type SignIn, type SignInOptions } from './sign-in.ts'
export { verifyWebhook } from './webhook.ts'
export {
  type Block,
  type Checkpoint,
  openCheckpoint,
  ProofError,
  type ProvenEvent,
  type ProvenPosting,
  verifyBlock,
  verifyConsistency,
  verifyEventReceipt,
  verifyReceipt,
} from './verify.ts'
