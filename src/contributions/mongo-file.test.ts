import { Decimal128, Double, EJSON, Int32, Long, ObjectId } from 'bson'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { AppError } from '../core/errors.ts'
import { readArticle, readUser } from './documents-file.ts'
import { readDocument } from './mongo-file.ts'

const AT = { line: 3, now: new Date('2026-08-24T12:00:00Z') }

const ID = new ObjectId('507f1f77bcf86cd799439011')

/** The document's own example, in the types of BSON. */
const ADA = {
  _id: ID,
  username: 'ada',
  password: { hash: 'x' },
  wallet_address: '7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgHDF',
  reputation_score: new Double(1.2),
  total_contributions: new Int32(15),
  total_points: Long.fromNumber(1_500),
  total_tokens_earned: Decimal128.fromString('250.750'),
  staked_tokens: new Double(100),
  last_reward_claim: new Date('2024-12-16T00:00:00Z'),
}

const TOLD = {
  wallet_address: ADA.wallet_address,
  reputation_score: '1.2',
  total_contributions: '15',
  total_points: '1500',
  total_tokens_earned: '250.75',
  staked_tokens: '100',
  governance_power: undefined,
  last_reward_claim: '2024-12-16T00:00:00.000Z',
}

describe('documents', () => {
  test.each([
    ['canonical', { relaxed: false }],
    ['relaxed', { relaxed: true }],
  ])('say the same in %s Extended JSON, and began when their _id did', (_, options) => {
    const user = readUser(EJSON.stringify(ADA, options), AT)
    expect(user).toMatchObject({ username: 'ada', joinedAt: ID.getTimestamp(), told: TOLD })
  })

  test('say the same in an array, with a line for each', () => {
    const text = EJSON.stringify(ADA)
    for (const line of [`[${text},`, `${text},`, `${text}]`, `[${text}]`, ` ${text}\r`]) {
      expect(readUser(line, AT)).toEqual(readUser(text, AT))
    }
    for (const line of ['[', ']', ' ]\r']) expect(readUser(line, AT)).toBeNull()
  })

  test('of articles are named by their name, slug or title, and say what staff had said', () => {
    const marks = { featured: true, high_demand: true }
    const article = {
      slug: 'defi',
      title: 'DeFi',
      createdAt: '2024-12-15T14:20:00Z',
      demand_score: 1.5,
      token_metadata: marks,
    }
    expect(readArticle(JSON.stringify(article), AT)).toMatchObject({
      name: 'defi',
      createdAt: new Date(article.createdAt),
      demand_e2: 150,
      featured: true,
      expertReviewed: false,
      told: { 'token_metadata.high_demand': 'true', demand_score: '1.5' },
    })
    expect(readArticle(JSON.stringify({ ...article, demand_score: 1 }), AT)).toMatchObject({ demand_e2: null })
  })

  test.each<[string, object | string, string, string | undefined]>([
    ['no JSON', '{"username":', 'line_not_json', undefined],
    ['nothing', '', 'line_not_json', undefined],
    ['a number', '5', 'line_not_json', undefined],
    ['an id alone', '{"$oid":"507f1f77bcf86cd799439011"}', 'line_not_json', undefined],
    ['an id that is none', '{"_id":{"$oid":"x"},"username":"ada"}', 'line_not_json', undefined],
    ['too many brackets', '['.repeat(50_000), 'line_not_json', undefined],
    ['too much text', ' '.repeat(262_145), 'line_too_long', undefined],
    ['no name', { ...ADA, username: undefined }, 'line_invalid', 'username'],
    ['a name that is no text', { ...ADA, username: { $gt: '' } }, 'line_invalid', 'username'],
    ['a name with a line break', { ...ADA, username: 'a\nb' }, 'line_invalid', 'username'],
    ['a number with a sign', { ...ADA, total_points: -1 }, 'line_invalid', 'total_points'],
    ['a number that is none', { ...ADA, staked_tokens: Number.NaN }, 'line_invalid', 'staked_tokens'],
    ['a part of a contribution', { ...ADA, total_contributions: 1.5 }, 'line_invalid', 'total_contributions'],
    ['no beginning', { ...ADA, _id: 7 }, 'line_invalid', '_id'],
    ['a time that is none', { ...ADA, created_at: 'yesterday' }, 'line_invalid', 'created_at'],
    ['a beginning to come', { ...ADA, created_at: '2026-08-25T00:00:00Z' }, 'line_time_out_of_range', 'created_at'],
  ])('with %s are refused with the line and the field', (_, given, code, field) => {
    const text = typeof given === 'string' ? given : EJSON.stringify(given)
    expect(() => readUser(text, AT)).toThrow(
      expect.objectContaining({ code, params: { line: 3, ...(field && { field }) } }),
    )
  })

  test('of whatever text are read or refused, and never break the reader', () => {
    const keys = fc.constantFrom(
      'username',
      '_id',
      'created_at',
      'total_points',
      'token_metadata',
      '$date',
      '$oid',
      '__proto__',
    )
    const value = fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue()))
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.dictionary(keys, value).map((it) => JSON.stringify(it)),
    )
    fc.assert(
      fc.property(text, (line) => {
        for (const read of [readUser, readArticle, () => readDocument(line, 1)]) {
          try {
            read(line, AT)
          } catch (error) {
            expect(error).toBeInstanceOf(AppError)
          }
        }
      }),
    )
  })
})
