import { shareBasePoints, totalPoints } from '../src/contributions/points-rules.ts'
import { qualityOf } from '../src/contributions/quality-rules.ts'
import { nextReputation } from '../src/contributions/reputation-rules.ts'
import { splitReward } from '../src/contributions/reward-rules.ts'
import { payWeek } from '../src/contributions/week-rules.ts'
import { weekOf } from '../src/contributions/weeks.ts'

/**
 * The economy `kontrib` once more, without a database: lists that are gone through from their start for every question.
 * Slow, and short enough to be read against the rules.
 */
export class WikiModel {
  readonly work: Work[] = []
  readonly rewards: Reward[] = []
  readonly weeks: { week: string; paid: bigint; newPoints: bigint; waiting: bigint }[] = []
  readonly #joined = new Map<string, Date>()
  readonly #reputation = new Map<string, number>()
  readonly #demand = new Map<string, number>()
  #treasury: bigint
  readonly #terms: ModelTerms

  constructor(terms: ModelTerms, treasury: bigint) {
    this.#terms = terms
    this.#treasury = treasury
  }

  record({ change, type, article, people, at }: ModelChange): void {
    const shares = shareBasePoints(BASE[type], people.length)
    for (const [i, person] of people.entries()) this.#add({ change, type, article, person, at, base: shares[i]! })
  }

  /** Whether the review is allowed; if so, it counts. */
  review({ change, reviewer, staff, score_e2, at }: ModelReview): boolean {
    const made = this.work.filter((one) => one.change === change && one.type !== 'review')
    if (made[0]!.week < this.#firstOpen()) return false
    if (reviewer !== null && made.some(({ person }) => person === reviewer)) return false
    const first = !made[0]!.reviews.some((review) => review.by === reviewer)
    if (reviewer !== null && first) {
      const day = at.toISOString().slice(0, 10)
      const today = this.work.filter((one) => {
        return one.type === 'review' && one.person === reviewer && one.at.toISOString().startsWith(day) && one.base > 0n
      })
      const base = today.length < this.#terms.reviewsPerDay ? BASE.review : 0n
      this.#add({ change: null, type: 'review', article: made[0]!.article, person: reviewer, at, base })
    }
    for (const one of made) {
      one.reviews = one.reviews.filter((review) => review.by !== reviewer)
      one.reviews.push({ by: reviewer, score_e2, staff })
      one.quality_e2 = qualityOf({ reviews: one.reviews, quorum: this.#terms.quorum, default_e2: 100 })
    }
    return true
  }

  setDemand(article: string, demand_e2: number | null): void {
    if (demand_e2 === null) this.#demand.delete(article)
    else this.#demand.set(article, demand_e2)
  }

  /** Every week that is over at `through`. */
  distribute(through: Date): void {
    for (;;) {
      const week = this.weeks.at(-1) ? next(this.weeks.at(-1)!.week) : this.work.map((one) => one.week).toSorted()[0]
      if (week === undefined || new Date(`${next(week)}T00:00:00Z`) > through) return
      this.#distributeWeek(week)
    }
  }

  earned(article: string): bigint {
    return this.rewards.reduce((sum, { byArticle }) => sum + (byArticle.get(article) ?? 0n), 0n)
  }

  reputation(person: string): number {
    return this.#reputation.get(person) ?? 10_000
  }

  points(one: Work): bigint {
    return totalPoints({ ...one, quality_e2: one.quality_e2 })
  }

  #add({ at, person, article, ...rest }: Pick<Work, 'change' | 'type' | 'article' | 'person' | 'at' | 'base'>): void {
    if (!this.#joined.has(person)) this.#joined.set(person, at)
    const open = this.#firstOpen()
    const week = weekOf(at) < open ? open : weekOf(at)
    const [reputation_e4, demand_e2] = [this.reputation(person), this.#demand.get(article) ?? 100]
    this.work.push({
      ...rest,
      at,
      person,
      article,
      week,
      quality_e2: 100,
      reputation_e4,
      demand_e2,
      reviews: [],
      paid: false,
    })
  }

  #firstOpen(): string {
    const last = this.weeks.at(-1)
    return last ? next(last.week) : ''
  }

  #distributeWeek(week: string): void {
    const isOf = (person: string) => (one: Work) => one.person === person
    const sum = (list: Work[]) => list.reduce((total, one) => total + this.points(one), 0n)
    const current = this.work.filter((one) => one.week === week)
    for (const one of current) one.reputation_e4 = this.reputation(one.person)
    const waiting = this.work.filter((one) => one.week < week && !one.paid)
    const people = [...this.#joined].map(([person, joinedAt]) => ({
      id: person,
      username: person,
      joinedAt,
      points: sum(current.filter(isOf(person))),
      carriedPoints: sum(waiting.filter(isOf(person))),
      multiplier_e6: 1_000_000,
    }))
    for (const { id } of people) {
      const scored = current.filter((one) => one.person === id && one.reviews.length > 0)
      if (scored.length === 0) continue
      const qualitySum_e2 = scored.reduce((total, one) => total + one.quality_e2, 0)
      const bounds = { min: 8_000, max: 15_000 }
      const input = { reputation_e4: this.reputation(id), qualitySum_e2, count: scored.length, bounds }
      this.#reputation.set(id, nextReputation(input))
    }
    const pool = this.#treasury < this.#terms.pool ? this.#treasury : this.#terms.pool
    const { minimum, max_share_bps } = this.#terms
    const { paid, carried, undistributed } = payWeek({ people, pool, minimum, max_share_bps })
    this.#treasury -= pool - undistributed
    for (const { id, points, amount } of paid) {
      const of = [...waiting, ...current].filter(isOf(id)).toSorted(byTime)
      const paidFor = of.map((one) => ({ article: one.article, points: this.points(one) }))
      for (const one of of) one.paid = true
      this.rewards.push({ week, person: id, points, amount, byArticle: splitReward(amount, paidFor) })
    }
    const newPoints = sum(current)
    const waits = carried.reduce((total, { points }) => total + points, 0n)
    this.weeks.push({ week, paid: pool - undistributed, newPoints, waiting: waits })
    // Work without points is neither paid nor does it wait.
    for (const one of this.work) if (one.week <= week && this.points(one) === 0n) one.paid = true
  }
}

const BASE = { creation: 100n, major_edit: 50n, minor_edit: 20n, review: 10n, translation: 75n }

export interface ModelTerms {
  pool: bigint
  minimum: bigint
  max_share_bps: number
  quorum: number
  reviewsPerDay: number
}

export interface ModelChange {
  change: number
  type: 'creation' | 'major_edit' | 'minor_edit' | 'translation'
  article: string
  people: string[]
  at: Date
}

export interface ModelReview {
  change: number
  /** Null: staff who does not contribute. */
  reviewer: string | null
  staff: boolean
  score_e2: number
  at: Date
}

interface Work {
  change: number | null
  type: keyof typeof BASE
  article: string
  person: string
  at: Date
  week: string
  base: bigint
  quality_e2: number
  reputation_e4: number
  demand_e2: number
  reviews: { by: string | null; score_e2: number; staff: boolean }[]
  paid: boolean
}

interface Reward {
  week: string
  person: string
  points: bigint
  amount: bigint
  byArticle: Map<string, bigint>
}

function next(week: string): string {
  return new Date(new Date(`${week}T00:00:00Z`).getTime() + 7 * 86_400_000).toISOString().slice(0, 10)
}

/** The work of one time is in the list in the order in which it was recorded, and stays so. */
function byTime(a: Work, b: Work): number {
  return a.at.getTime() - b.at.getTime()
}
