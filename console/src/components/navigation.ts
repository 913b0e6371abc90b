import type { PageName } from '../paths.ts'
import type { IconName } from '../ui/icon.tsx'

interface Part {
  title: string
  pages: readonly { page: PageName; name: string; icon: IconName; action: string }[]
}

/** What is where; who may not do the action does not see the page. */
export const NAVIGATION: readonly Part[] = [
  {
    title: 'Mine',
    pages: [
      { page: 'myAccount', name: 'My account', icon: 'wallet', action: 'me.read' },
      { page: 'myContributions', name: 'My contributions', icon: 'contributions', action: 'me.read' },
      { page: 'myStakes', name: 'My stakes', icon: 'stake', action: 'me.read' },
      { page: 'myWallets', name: 'Wallets', icon: 'wallet', action: 'me.read' },
      { page: 'myKeys', name: 'My keys', icon: 'key', action: 'me.read' },
      { page: 'myCodes', name: 'Codes from staff', icon: 'person', action: 'me.read' },
      { page: 'mySecurity', name: 'Security', icon: 'key', action: 'me.sessions' },
    ],
  },
  {
    title: 'Economy',
    pages: [
      { page: 'overview', name: 'Overview', icon: 'overview', action: 'contributions.read' },
      { page: 'distributions', name: 'Distributions', icon: 'distributions', action: 'distributions.read' },
      { page: 'staking', name: 'Staking', icon: 'stake', action: 'stakes.read' },
      { page: 'contributions', name: 'Contributions', icon: 'contributions', action: 'contributions.read' },
      { page: 'reviewQueue', name: 'Review queue', icon: 'check', action: 'contributions.review' },
      { page: 'contributors', name: 'Contributors', icon: 'people', action: 'contributions.read' },
      { page: 'proposals', name: 'Proposals', icon: 'vote', action: 'proposals.read' },
      { page: 'leaderboard', name: 'Leaderboard', icon: 'podium', action: 'contributions.read' },
      { page: 'articles', name: 'Articles', icon: 'articles', action: 'contributions.read' },
    ],
  },
  {
    title: 'Ledger',
    pages: [
      { page: 'accounts', name: 'Accounts', icon: 'accounts', action: 'ledger.read' },
      { page: 'entries', name: 'Entries', icon: 'entries', action: 'ledger.read' },
      { page: 'holds', name: 'Holds', icon: 'holds', action: 'ledger.read' },
      { page: 'assets', name: 'Assets', icon: 'coins', action: 'ledger.read' },
      { page: 'issuances', name: 'Issuances', icon: 'issue', action: 'ledger.read' },
      { page: 'trialBalance', name: 'Trial balance', icon: 'balance', action: 'ledger.read' },
      { page: 'closing', name: 'Closing', icon: 'closing', action: 'ledger.read' },
      { page: 'blocks', name: 'Blocks', icon: 'blocks', action: 'permissions.read' },
    ],
  },
  {
    title: 'Operations',
    pages: [
      { page: 'people', name: 'People', icon: 'people', action: 'people.read' },
      { page: 'parameters', name: 'Parameters', icon: 'parameters', action: 'parameters.read' },
      { page: 'imports', name: 'Imports', icon: 'download', action: 'imports.read' },
      { page: 'keys', name: 'API keys', icon: 'key', action: 'keys.read' },
      { page: 'webhooks', name: 'Webhooks', icon: 'hook', action: 'webhooks.read' },
      { page: 'jobs', name: 'Jobs', icon: 'jobs', action: 'jobs.read' },
      { page: 'audit', name: 'Audit', icon: 'audit', action: 'audit.read' },
      { page: 'outbox', name: 'Outbox', icon: 'mail', action: 'outbox.open' },
    ],
  },
]
