import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router'

import { Shell } from './components/shell.tsx'
import { Broken, Missing } from './pages/missing.tsx'
import { type PageName, PATTERNS } from './paths.ts'

/** Each page is a file of its own for the browser too, fetched when somebody first goes there. */
const PAGES: Record<PageName, ReturnType<typeof lazyRouteComponent>> = {
  overview: lazyRouteComponent(async () => await import('./pages/overview.tsx'), 'OverviewPage'),
  accounts: lazyRouteComponent(async () => await import('./pages/accounts.tsx'), 'AccountsPage'),
  account: lazyRouteComponent(async () => await import('./pages/account.tsx'), 'AccountPage'),
  entries: lazyRouteComponent(async () => await import('./pages/entries.tsx'), 'EntriesPage'),
  entry: lazyRouteComponent(async () => await import('./pages/entry.tsx'), 'EntryPage'),
  newEntry: lazyRouteComponent(async () => await import('./pages/entry-new.tsx'), 'NewEntryPage'),
  assets: lazyRouteComponent(async () => await import('./pages/assets.tsx'), 'AssetsPage'),
  issuances: lazyRouteComponent(async () => await import('./pages/issuances.tsx'), 'IssuancesPage'),
  closing: lazyRouteComponent(async () => await import('./pages/closing.tsx'), 'ClosingPage'),
  closingReport: lazyRouteComponent(async () => await import('./pages/closing-report.tsx'), 'ClosingReportPage'),
  staking: lazyRouteComponent(async () => await import('./pages/staking.tsx'), 'StakingPage'),
  holds: lazyRouteComponent(async () => await import('./pages/holds.tsx'), 'HoldsPage'),
  trialBalance: lazyRouteComponent(async () => await import('./pages/trial-balance.tsx'), 'TrialBalancePage'),
  blocks: lazyRouteComponent(async () => await import('./pages/blocks.tsx'), 'BlocksPage'),
  block: lazyRouteComponent(async () => await import('./pages/block.tsx'), 'BlockPage'),
  distributions: lazyRouteComponent(async () => await import('./pages/distributions.tsx'), 'DistributionsPage'),
  preview: lazyRouteComponent(async () => await import('./pages/preview.tsx'), 'PreviewPage'),
  distribution: lazyRouteComponent(async () => await import('./pages/distribution.tsx'), 'DistributionPage'),
  reviewQueue: lazyRouteComponent(async () => await import('./pages/review-queue.tsx'), 'ReviewQueuePage'),
  contributions: lazyRouteComponent(async () => await import('./pages/contributions.tsx'), 'ContributionsPage'),
  contribution: lazyRouteComponent(async () => await import('./pages/contribution.tsx'), 'ContributionPage'),
  contributors: lazyRouteComponent(async () => await import('./pages/contributors.tsx'), 'ContributorsPage'),
  contributor: lazyRouteComponent(async () => await import('./pages/contributor.tsx'), 'ContributorPage'),
  articles: lazyRouteComponent(async () => await import('./pages/articles.tsx'), 'ArticlesPage'),
  article: lazyRouteComponent(async () => await import('./pages/article.tsx'), 'ArticlePage'),
  leaderboard: lazyRouteComponent(async () => await import('./pages/leaderboard.tsx'), 'LeaderboardPage'),
  weekBoard: lazyRouteComponent(async () => await import('./pages/leaderboard.tsx'), 'LeaderboardPage'),
  proposals: lazyRouteComponent(async () => await import('./pages/proposals.tsx'), 'ProposalsPage'),
  newProposal: lazyRouteComponent(async () => await import('./pages/proposal-new.tsx'), 'NewProposalPage'),
  proposal: lazyRouteComponent(async () => await import('./pages/proposal.tsx'), 'ProposalPage'),
  parameters: lazyRouteComponent(async () => await import('./pages/parameters.tsx'), 'ParametersPage'),
  parameter: lazyRouteComponent(async () => await import('./pages/parameter.tsx'), 'ParameterPage'),
  audit: lazyRouteComponent(async () => await import('./pages/audit.tsx'), 'AuditPage'),
  auditEvent: lazyRouteComponent(async () => await import('./pages/audit-event.tsx'), 'AuditEventPage'),
  people: lazyRouteComponent(async () => await import('./pages/people.tsx'), 'PeoplePage'),
  invitations: lazyRouteComponent(async () => await import('./pages/invitations.tsx'), 'InvitationsPage'),
  person: lazyRouteComponent(async () => await import('./pages/person.tsx'), 'PersonPage'),
  outbox: lazyRouteComponent(async () => await import('./pages/outbox.tsx'), 'OutboxPage'),
  imports: lazyRouteComponent(async () => await import('./pages/imports.tsx'), 'ImportsPage'),
  webhooks: lazyRouteComponent(async () => await import('./pages/webhooks.tsx'), 'WebhooksPage'),
  newWebhook: lazyRouteComponent(async () => await import('./pages/webhook-new.tsx'), 'NewWebhookPage'),
  webhook: lazyRouteComponent(async () => await import('./pages/webhook.tsx'), 'WebhookPage'),
  delivery: lazyRouteComponent(async () => await import('./pages/delivery.tsx'), 'DeliveryPage'),
  jobs: lazyRouteComponent(async () => await import('./pages/jobs.tsx'), 'JobsPage'),
  import: lazyRouteComponent(async () => await import('./pages/import.tsx'), 'ImportPage'),
  keys: lazyRouteComponent(async () => await import('./pages/keys.tsx'), 'KeysPage'),
  myAccount: lazyRouteComponent(async () => await import('./pages/my-account.tsx'), 'MyAccountPage'),
  myContributions: lazyRouteComponent(async () => await import('./pages/my-contributions.tsx'), 'MyContributionsPage'),
  myWeek: lazyRouteComponent(async () => await import('./pages/my-week.tsx'), 'MyWeekPage'),
  myStakes: lazyRouteComponent(async () => await import('./pages/my-stakes.tsx'), 'MyStakesPage'),
  myStake: lazyRouteComponent(async () => await import('./pages/my-stake.tsx'), 'MyStakePage'),
  myCodes: lazyRouteComponent(async () => await import('./pages/my-codes.tsx'), 'MyCodesPage'),
  mySecurity: lazyRouteComponent(async () => await import('./pages/my-security.tsx'), 'MySecurityPage'),
  myKeys: lazyRouteComponent(async () => await import('./pages/my-keys.tsx'), 'MyKeysPage'),
  myWallets: lazyRouteComponent(async () => await import('./pages/my-wallets.tsx'), 'MyWalletsPage'),
}

export function createConsoleRouter() {
  const root = createRootRoute({ component: Outlet, notFoundComponent: Missing, errorComponent: Broken })
  const home = createRoute({
    getParentRoute: () => root,
    path: '/',
    component: lazyRouteComponent(async () => await import('./pages/economies.tsx'), 'EconomiesPage'),
  })
  const signIn = createRoute({
    getParentRoute: () => root,
    path: '/$economy/sign-in',
    component: lazyRouteComponent(async () => await import('./pages/sign-in.tsx'), 'SignInPage'),
  })
  const signUp = createRoute({
    getParentRoute: () => root,
    path: '/$economy/sign-up',
    component: lazyRouteComponent(async () => await import('./pages/sign-up.tsx'), 'SignUpPage'),
  })
  const password = createRoute({
    getParentRoute: () => root,
    path: '/$economy/password',
    component: lazyRouteComponent(async () => await import('./pages/password-reset.tsx'), 'PasswordResetPage'),
  })
  const confirm = createRoute({
    getParentRoute: () => root,
    path: '/$economy/confirm',
    component: lazyRouteComponent(async () => await import('./pages/confirm.tsx'), 'ConfirmPage'),
  })
  const economy = createRoute({
    getParentRoute: () => root,
    path: '/$economy',
    component: Shell,
    notFoundComponent: Missing,
  })
  const first = createRoute({
    getParentRoute: () => economy,
    path: '/',
    component: lazyRouteComponent(async () => await import('./pages/first.tsx'), 'FirstPage'),
  })
  const pages = Object.entries(PATTERNS).map(([name, path]) =>
    createRoute({ getParentRoute: () => economy, path, component: PAGES[name as PageName] }),
  )
  return createRouter({
    routeTree: root.addChildren([home, signIn, signUp, password, confirm, economy.addChildren([first, ...pages])]),
    basepath: '/console',
    defaultPreload: 'intent',
    scrollRestoration: true,
    // Figures stay the text that they are: an account may be named 007.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (values) => {
      const given = Object.entries(values).flatMap(([name, value]) =>
        value ? [[name, String(value)] satisfies [string, string]] : [],
      )
      const text = new URLSearchParams(given).toString()
      return text === '' ? '' : `?${text}`
    },
  })
}
