import { parseDecimal } from '../core/decimal.ts'
import { zArticleName, zUsername } from './fields.ts'
import { beginningOf, decimalIn, type Document, fieldOf, flagIn, readDocument, textIn, timeIn } from './mongo-file.ts'

/*
 * What the documents of users and articles say (docs/systems/kontrib.md): some of it is taken, and `told` is what is
 * compared with what we have.
 */

/** Fails: line_too_long, line_not_json, line_invalid, line_time_out_of_range. */
export function readUser(text: string, { line, now }: { line: number; now: Date }): UserDocument | null {
  const document = readDocument(text, line)
  if (!document) return null
  const username = textIn(document, ['username'], zUsername)
  const joinedAt = beginningOf(document, { paths: ['joined_at', ...BEGINNINGS], now })
  const wallet = fieldOf(document, 'wallet_address')
  return {
    username,
    joinedAt,
    told: {
      joined_at: joinedAt.toISOString(),
      wallet_address: typeof wallet === 'string' ? wallet.slice(0, SHOWN_MAX) : undefined,
      reputation_score: decimalIn(document, 'reputation_score', DIGITS),
      total_contributions: decimalIn(document, 'total_contributions', 0),
      total_points: decimalIn(document, 'total_points', 0),
      total_tokens_earned: decimalIn(document, 'total_tokens_earned', DIGITS),
      staked_tokens: decimalIn(document, 'staked_tokens', DIGITS),
      governance_power: decimalIn(document, 'governance_power', DIGITS),
      last_reward_claim: timeTold(document, 'last_reward_claim'),
      token_updated_at: timeTold(document, 'token_updated_at'),
    },
  }
}

/** Fails: as readUser. */
export function readArticle(text: string, { line, now }: { line: number; now: Date }): ArticleDocument | null {
  const document = readDocument(text, line)
  if (!document) return null
  const name = textIn(document, ['name', 'slug', 'title'], zArticleName)
  const createdAt = beginningOf(document, { paths: BEGINNINGS, now })
  const demand = decimalIn(document, 'demand_score', 2)
  const [featured, highDemand, expertReviewed] = (['featured', 'high_demand', 'expert_reviewed'] as const).map((mark) =>
    flagIn(document, `token_metadata.${mark}`),
  )
  const told = (flag: boolean | undefined) => (flag === undefined ? undefined : `${flag}`)
  return {
    name,
    createdAt,
    // A demand of 1 is what nobody has said anything of.
    demand_e2: demand === undefined || demand === '1' ? null : parseDecimal(demand, 2),
    featured: featured ?? false,
    expertReviewed: expertReviewed ?? false,
    told: {
      demand_score: demand,
      quality_score: decimalIn(document, 'quality_score', DIGITS),
      total_tokens_earned: decimalIn(document, 'total_tokens_earned', DIGITS),
      contribution_count: decimalIn(document, 'contribution_count', 0),
      last_contribution_date: timeTold(document, 'last_contribution_date'),
      'token_metadata.featured': told(featured),
      'token_metadata.high_demand': told(highDemand),
      'token_metadata.expert_reviewed': told(expertReviewed),
    },
  }
}

export interface UserDocument {
  username: string
  joinedAt: Date
  told: Told
}

export interface ArticleDocument {
  name: string
  createdAt: Date
  demand_e2: number | null
  featured: boolean
  expertReviewed: boolean
  told: Told
}

/** By the names of the fields; undefined where the document says nothing. */
export type Told = Readonly<Record<string, string | undefined>>

const BEGINNINGS = ['created_at', 'createdAt'] as const
const DIGITS = 18
const SHOWN_MAX = 100

function timeTold(document: Document, path: string): string | undefined {
  return timeIn(document, path)?.toISOString()
}
