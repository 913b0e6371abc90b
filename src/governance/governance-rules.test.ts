import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'

import {
  allowedTo,
  type Choice,
  CHOICES,
  extendedEnd,
  hasQuorum,
  HOUR_MS,
  quarterOf,
  quorumOf,
  recount,
  STATUSES,
  type Tally,
  TRANSITIONS,
  transition,
  treasuryLimits,
  votingPower,
  wins,
} from './governance-rules.ts'

const tally = (yes: bigint, no: bigint, abstain: bigint): Tally => ({ for: yes, against: no, abstain })
const amount = fc.bigInt({ min: 0n, max: 10n ** 30n })
const anyTally = fc.record({ for: amount, against: amount, abstain: amount })

describe('a proposal wins', () => {
  it.each([
    ['with a quorum and more for than against', tally(10n, 7n, 0n), 10n, true],
    ['not when as many are against', tally(10n, 10n, 5n), 10n, false],
    ['not when nobody is for it, though abstentions make the quorum', tally(0n, 0n, 20n), 10n, false],
    ['when abstentions help it to the quorum', tally(1n, 0n, 9n), 10n, true],
    ['not when votes against would be needed for the quorum', tally(9n, 5n, 0n), 10n, false],
    ['at the quorum exactly', tally(10n, 9n, 0n), 10n, true],
    ['not one unit below it', tally(9n, 0n, 0n), 10n, false],
    ['by one unit', tally(20n, 19n, 0n), 10n, true],
    ['not like the tally of the late-quorum test of OpenZeppelin, 7 for and 10 against', tally(7n, 10n, 0n), 1n, false],
  ])('%s', (_, votes, quorum, expected) => {
    expect(wins(votes, quorum)).toBe(expected)
  })

  test('never through votes against, and never less through votes for', () => {
    fc.assert(
      fc.property(anyTally, amount, amount, (votes, quorum, more) => {
        if (!wins(votes, quorum)) expect(wins({ ...votes, against: votes.against + more }, quorum)).toBe(false)
        if (wins(votes, quorum)) expect(wins({ ...votes, for: votes.for + more }, quorum)).toBe(true)
        if (wins(votes, quorum)) expect(votes.for > 0n && hasQuorum(votes, quorum)).toBe(true)
      }),
    )
  })
})

describe('a quorum', () => {
  it.each([
    ['is the minimum while little circulates', 100_000n, 20_000n, 1_000, 20_000n],
    ['is the part of what circulates once that is more', 300_000n, 20_000n, 1_000, 30_000n],
    ['rounds up', 300_001n, 20_000n, 1_000, 30_001n],
    ['is the minimum where nothing circulates', 0n, 20_000n, 1_000, 20_000n],
    ['of 8 % of 100', 100n, 1n, 800, 8n],
  ])('%s', (_, circulating, minimum, bps, expected) => {
    expect(quorumOf({ circulating, minimum, bps })).toBe(expected)
  })
})

describe('power', () => {
  it('is the balance and twice the stakes', () => {
    expect(votingPower({ balance: 100n, staked: 50n, weight: 2 })).toBe(200n)
  })
})

describe('a recount', () => {
  test('after any votes, changed or not, is the sum of the last vote of each', () => {
    const votes = fc.array(fc.record({ voter: fc.integer({ min: 0, max: 5 }), choice: fc.constantFrom(...CHOICES) }), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(votes, fc.array(amount, { minLength: 6, maxLength: 6 }), (cast, powers) => {
        let counted = tally(0n, 0n, 0n)
        const last = new Map<number, Choice>()
        for (const { voter, choice } of cast) {
          counted = recount(counted, { power: powers[voter]!, before: last.get(voter), after: choice })
          last.set(voter, choice)
        }
        const sums = { for: 0n, against: 0n, abstain: 0n }
        for (const [voter, choice] of last) sums[choice] += powers[voter]!
        expect(counted).toEqual(sums)
      }),
    )
  })
})

describe('a late quorum', () => {
  const end = new Date('2026-01-13T00:00:00.000Z')
  const late = (before_ms: number, more: object = {}) =>
    extendedEnd({
      had: false,
      has: true,
      now: new Date(end.getTime() - before_ms),
      end,
      extension_ms: 24 * HOUR_MS,
      extended: false,
      ...more,
    })
  const extended = new Date('2026-01-14T00:00:00.000Z')

  it.each([
    ['in the last millisecond moves the end by a day', 1, {}, extended],
    ['a day before the end does, too', 24 * HOUR_MS, {}, extended],
    ['earlier does not', 24 * HOUR_MS + 1, {}, undefined],
    ['does so once', 1, { extended: true }, undefined],
    ['that was there before does not', 1, { had: true }, undefined],
    ['that is none does not', 1, { has: false }, undefined],
  ])('%s', (_, before_ms, more, expected) => {
    expect(late(before_ms, more)).toEqual(expected)
  })
})

describe('the treasury gives', () => {
  it('1 % to a proposal and 5 % in a quarter, of what it had before the quarter’s proposals', () => {
    const bps = { proposal_bps: 100, quarter_bps: 500 }
    expect(treasuryLimits({ balance: 1_000n, taken: 0n, ...bps })).toEqual({ proposal: 10n, quarter: 50n })
    expect(treasuryLimits({ balance: 960n, taken: 40n, ...bps })).toEqual({ proposal: 10n, quarter: 50n })
    expect(treasuryLimits({ balance: 999n, taken: 0n, ...bps })).toEqual({ proposal: 9n, quarter: 49n })
  })

  test('never more than 5 % of a quarter’s beginning, however many proposals come one after the other', () => {
    fc.assert(
      fc.property(amount, fc.array(fc.integer({ min: 1, max: 10_000 }), { maxLength: 30 }), (start, parts) => {
        let taken = 0n
        for (const part of parts) {
          const limits = treasuryLimits({ balance: start - taken, taken, proposal_bps: 100, quarter_bps: 500 })
          const asked = (limits.proposal * BigInt(part)) / 10_000n
          if (taken + asked <= limits.quarter) taken += asked
        }
        expect(taken * 20n <= start).toBe(true)
      }),
    )
  })

  it.each([
    ['2026-01-01T00:00:00.000Z', '2026-01-01'],
    ['2026-03-31T23:59:59.999Z', '2026-01-01'],
    ['2026-04-01T00:00:00.000Z', '2026-04-01'],
    ['2026-12-31T23:59:59.999Z', '2026-10-01'],
  ])('by quarters of UTC: %s belongs to the one of %s', (time, quarter) => {
    expect(quarterOf(new Date(time))).toBe(quarter)
  })
})

describe('the states', () => {
  const ended = STATUSES.filter((status) => TRANSITIONS.every(({ from }) => from !== status))

  it('end in rejected, executed, cancelled or expired', () => {
    expect(ended).toEqual(['rejected', 'executed', 'cancelled', 'expired'])
  })

  it('are all reached', () => {
    expect(STATUSES.filter((status) => status !== 'draft' && TRANSITIONS.every(({ to }) => to !== status))).toEqual([])
  })

  it('let a proposer cancel a draft, and a guardian whatever is not over', () => {
    expect(transition('draft', 'cancel', 'proposer')).toBe('cancelled')
    for (const status of ['draft', 'active', 'passed'] as const) {
      expect(transition(status, 'cancel', 'guardian')).toBe('cancelled')
    }
    expect(() => transition('active', 'cancel', 'proposer')).toThrow('may cancel one that is draft')
    for (const status of ended) expect(() => transition(status, 'cancel', 'guardian')).toThrow(`is ${status}`)
  })

  it('say what somebody may do: submit and cancel a draft of theirs, vote while it is open, stop it as a guardian', () => {
    const asked = { submitted: true, votable: false, parties: ['proposer', 'voter'] } as const
    expect(allowedTo({ ...asked, status: 'draft', submitted: false })).toEqual(['submit', 'cancel'])
    expect(allowedTo({ ...asked, status: 'draft' })).toEqual(['cancel'])
    expect(allowedTo({ ...asked, status: 'draft', parties: ['voter'] })).toEqual([])
    expect(allowedTo({ ...asked, status: 'active', votable: true })).toEqual(['vote'])
    expect(allowedTo({ ...asked, status: 'active' })).toEqual([])
    for (const status of ['draft', 'active', 'passed'] as const) {
      expect(allowedTo({ ...asked, status, parties: ['guardian'] })).toEqual(['cancel'])
    }
    for (const status of ended) {
      expect(allowedTo({ ...asked, status, votable: true, parties: ['proposer', 'voter', 'guardian'] })).toEqual([])
    }
  })

  it('are executed out of passed alone, and by nobody’s hand', () => {
    for (const status of STATUSES.filter((each) => each !== 'passed')) {
      expect(() => transition(status, 'execute', 'clock')).toThrow(`is ${status}`)
    }
    expect(() => transition('passed', 'execute', 'guardian')).toThrow('is passed')
  })
})
