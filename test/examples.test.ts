// The examples as their readers run them.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ownFlorin } from '../examples/journey/own-florin.ts'

const ROOT = join(import.meta.dirname, '..')
/** Each makes an economy with years of a wiki. */
const LIMIT_MS = 180_000

test(
  'a new member is paid more for what she staked, and weeks pay another pool by her vote',
  async () => {
    const { code, lines } = await run('examples/journey/journey.ts')
    expect(code).toBe(0)
    const told = lines.join('\n')
    expect(told).toMatch(/ada signs up, and opens the link/)
    expect(told).toMatch(/claims the imported account w3e8f20667501/)
    expect(told).toMatch(/Her newest reward, of the week of Monday, 10 April 2017: 5483\.870967742 KONTRIB/)
    expect(told).toMatch(/Verified offline: that posting is in leaf \d+ of the \d+ that florin-\w+\/kontrib has signed/)
    expect(told).toMatch(/She stakes half of it, 2741\.935483871 KONTRIB/)
    // The stake began within the first of these weeks, and was there for all of the others.
    const weeks = [
      ...told.matchAll(/week of (.+): (\d+) KONTRIB of a pool of (\d+) .*\n {2}She is paid (\S+) .* × (\S+)\./g),
    ]
    expect(weeks.map(([, week, paid, pool, hers, multiplier]) => [week, paid, pool, hers, multiplier])).toEqual([
      ['Monday, 17 April 2017', '10000', '10000', '2727.272727273', '1'],
      // 50 points × 1.3 beside twice 50: 65 of 165.
      ['Monday, 24 April 2017', '10000', '10000', '3939.393939394', '1.3'],
      ['Monday, 1 May 2017', '10000', '10000', '3939.393939394', '1.3'],
      ['Monday, 8 May 2017', '15000', '15000', '5909.090909091', '1.3'],
    ])
    expect(told).toMatch(/The proposal is executed/)
    expect(told).toMatch(/florin verify: kontrib holds/)
  },
  LIMIT_MS,
)

test(
  'a payment is posted and proven',
  async () => {
    await using florin = await ownFlorin({ start: new Date('2017-04-23T18:00:00Z'), note: () => undefined })
    const { code, lines } = await run('sdk/example.ts', { KEY: florin.key, URL: florin.url })
    expect(code).toBe(0)
    expect(lines.join('\n')).toMatch(/to: 'users:example:available',[^]*amount: 12500000000n/)
  },
  LIMIT_MS,
)

async function run(script: string, env: Record<string, string> = {}): Promise<{ code: unknown; lines: string[] }> {
  const child = spawn(process.execPath, [join(ROOT, script)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  return { code, lines: said.split('\n') }
}
