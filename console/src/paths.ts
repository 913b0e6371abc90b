/** Every address of the console: its pattern for the route table, and as a function for links. */
export const PATTERNS = {
  overview: '/overview',
  accounts: '/accounts',
  account: '/accounts/$path',
  entries: '/entries',
  newEntry: '/entries/new',
  entry: '/entries/$id',
  holds: '/holds',
  assets: '/assets',
  issuances: '/issuances',
  closing: '/closing',
  closingReport: '/closing/$before',
  staking: '/staking',
  trialBalance: '/trial-balance',
  blocks: '/blocks',
  block: '/blocks/$height',
  distributions: '/distributions',
  preview: '/distributions/due',
  distribution: '/distributions/$id',
  reviewQueue: '/review-queue',
  contributions: '/contributions',
  contribution: '/contributions/$id',
  contributors: '/contributors',
  contributor: '/contributors/$username',
  articles: '/articles',
  article: '/articles/$id',
  parameters: '/parameters',
  parameter: '/parameters/$name',
  audit: '/audit',
  people: '/people',
  invitations: '/people/invitations',
  person: '/people/$id',
  outbox: '/outbox',
  imports: '/imports',
  import: '/imports/$id',
  keys: '/keys',
  webhooks: '/webhooks',
  newWebhook: '/webhooks/new',
  webhook: '/webhooks/$id',
  delivery: '/webhooks/$id/deliveries/$position',
  jobs: '/jobs',
  myAccount: '/me/account',
  myContributions: '/me/contributions',
  myStakes: '/me/stakes',
  mySecurity: '/me/security',
  myKeys: '/me/keys',
  myWallets: '/me/wallets',
} as const

export type PageName = keyof typeof PATTERNS

export interface Place {
  to: string
  params: Record<string, string>
  search?: Record<string, string>
}

const at = (economy: string, page: PageName, params: Record<string, string> = {}): Place => ({
  to: `/$economy${PATTERNS[page]}`,
  params: { economy, ...params },
})

export const paths = {
  page: (economy: string, page: PageName) => at(economy, page),
  economy: (economy: string): Place => ({ to: '/$economy', params: { economy } }),
  signIn: (economy: string): Place => ({ to: '/$economy/sign-in', params: { economy } }),
  signUp: (economy: string): Place => ({ to: '/$economy/sign-up', params: { economy } }),
  forgot: (economy: string): Place => ({ to: '/$economy/password', params: { economy } }),
  account: (economy: string, path: string) => at(economy, 'account', { path }),
  entry: (economy: string, id: string) => at(economy, 'entry', { id }),
  block: (economy: string, height: string) => at(economy, 'block', { height }),
  distribution: (economy: string, id: string) => at(economy, 'distribution', { id }),
  contribution: (economy: string, id: string) => at(economy, 'contribution', { id }),
  contributor: (economy: string, username: string) => at(economy, 'contributor', { username }),
  article: (economy: string, id: string) => at(economy, 'article', { id }),
  person: (economy: string, id: string) => at(economy, 'person', { id }),
  import: (economy: string, id: string) => at(economy, 'import', { id }),
  closingReport: (economy: string, before: string) => at(economy, 'closingReport', { before }),
  webhook: (economy: string, id: string) => at(economy, 'webhook', { id }),
  delivery: (economy: string, id: string, position: string) => at(economy, 'delivery', { id, position }),
  parameter: (economy: string, name: string) => at(economy, 'parameter', { name }),
}
