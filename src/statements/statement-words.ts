/**
 * Why a line is there, in words for the member whose line it is: such as `Weekly reward`, `From ada` or `Fee`. `incoming`:
 * it brought something. Kinds that have no words of their own are their name.
 */
export function reasonOf({ kind, counterparty, username, incoming }: LineFacts): string {
  if (kind === 'member_transfer') {
    if (username !== null) return incoming ? `From ${username}` : `To ${username}`
    if (!incoming && counterparty === 'treasury:main') return 'Fee of a transfer'
  }
  return reasonOfKind(kind)
}

/** Lines of a kind together, in words. */
export function reasonOfKind(kind: string): string {
  return KINDS[kind] ?? sentence(kind)
}

/** Who or what is on the other side, in words: a username, or what an account of the platform is for. */
export function counterpartyOf({ counterparty, username, own }: CounterpartyFacts): string {
  const [top = '', ...rest] = counterparty.split(':')
  if (own) return `Own account: ${rest.slice(1).join(' ')}`
  if (username !== null) return username
  if (top === 'world') return 'Outside'
  return ACCOUNTS[counterparty] ?? counterparty
}

const KINDS: Readonly<Record<string, string>> = {
  weekly_reward: 'Weekly reward',
  member_transfer: 'Transfer',
  deposit: 'Deposit',
  withdrawal: 'Withdrawal',
  adjustment: 'Correction by staff',
  reversal: 'Reversal of an entry',
  transfer: 'Transfer by staff',
}

const ACCOUNTS: Readonly<Record<string, string>> = {
  'treasury:main': 'Treasury',
  'treasury:rewards': 'Rewards treasury',
  'treasury:unclaimed': 'Unclaimed rewards',
  'pools:staking': 'Staking pool',
  'platform:fees': 'Platform fees',
}

function sentence(kind: string): string {
  const words = kind.replaceAll(/[_.:-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export interface LineFacts {
  kind: string
  /** The path of the account on the other side. */
  counterparty: string
  /** Whose it is, where it is a member's. */
  username: string | null
  incoming: boolean
}

export interface CounterpartyFacts {
  counterparty: string
  username: string | null
  /** It belongs to the same member. */
  own: boolean
}
