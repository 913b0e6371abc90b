// Whatever changes something leaves a trace that nobody can take out: an audit event, or an entry of the ledger. Each route
// that changes something is asked for once, in an economy as it is served.
import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { withSession } from '../src/core/session.ts'
import { ROUTES } from '../src/server.ts'
import { ACTS } from './staff-acts.ts'
import { testWorld, type World } from './world.ts'

/** What changes nothing that anybody could ask about later. */
const LEAVES_NOTHING: Readonly<Record<string, string>> = {
  'post /distributions/preview': 'a question',
  'post /me/stakes/preview': 'a question',
  'post /me/transfers/preview': 'a question',
  'post /me/wallets/challenges': 'a message to be signed; the wallet is linked, and recorded, once it is',
  'post /proposals/:id/votes': 'a member’s vote is itself kept, with when and how heavy it was',
}

/** Where there is nothing to tell apart from that it was done. */
const WITHOUT_DIFF = new Set(['webhook.rotate_secret'])

test('every route that changes something is among those that are asked for here, or is known to leave nothing', () => {
  const changing = ROUTES.filter(({ method }) => method !== 'get').map(({ method, path }) => `${method} ${path}`)
  const known = new Set([...ACTS.map(({ route }) => route), ...Object.keys(LEAVES_NOTHING)])
  expect(changing.filter((route) => !known.has(route))).toEqual([])
  expect([...known].filter((route) => !changing.includes(route))).toEqual([])
})

test('each leaves an audit event or an entry, and where no event can be written nothing is done', async () => {
  await using w = await testWorld()
  await using trail = await breakableTrail(w)
  for (const { as, route, method, leaves, ask } of ACTS) {
    const { path, body } = await ask(w)
    if (leaves === 'event') {
      const before = await w.everything()
      await trail.break()
      const refused = await w.ask(as, method, path, body)
      await trail.mend()
      expect.soft(refused.status, `${route} without a trail: ${refused.text}`).toBe(500)
      expect.soft(await w.everything(), `${route} without a trail`).toEqual(before)
    }
    const before = await traces(w)
    const answer = await w.ask(as, method, path, body)
    expect.soft(answer.status, `${route}: ${answer.text}`).toBeLessThan(300)
    const { events, entries } = await traces(w)
    if (leaves === 'entry') {
      expect.soft(entries, route).toBeGreaterThan(before.entries)
      continue
    }
    expect.soft(events, route).toBeGreaterThan(before.events)
    const [event] = await w.db.selectFrom('audit.event').selectAll().orderBy('id', 'desc').limit(1).execute()
    expect.soft(event?.actor, route).toMatch(/^(key|person):[0-9a-f-]{36}$/)
    expect.soft(event?.at, route).toEqual(w.clock.now())
    if (!WITHOUT_DIFF.has(event!.action)) expect.soft(event?.diff, `${route}, ${event?.action}`).not.toBeNull()
  }
}, 120_000)

async function traces({ db }: World): Promise<{ events: number; entries: number }> {
  const { rows } = await sql<{ events: number; entries: number }>`
    select (select count(*)::int from audit.event) as events, (select count(*)::int from ledger.entry) as entries
  `.execute(db)
  return rows[0]!
}

/** Makes the database refuse every audit event for a while. */
async function breakableTrail({ adminUrl }: World) {
  const run = async (statement: string) =>
    await withSession({ url: adminUrl }, async (client) => void (await client.query(statement)))
  await run(`
    create function audit.refuse_event() returns trigger language plpgsql as $$
    begin
      raise exception 'the trail is broken';
    end
    $$;
    create trigger broken before insert on audit.event for each row execute function audit.refuse_event();
    alter table audit.event disable trigger broken;
  `)
  return {
    break: async () => await run('alter table audit.event enable trigger broken'),
    mend: async () => await run('alter table audit.event disable trigger broken'),
    [Symbol.asyncDispose]: async () => await run('drop trigger broken on audit.event'),
  }
}
