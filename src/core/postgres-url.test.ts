import { Client } from 'pg'
import { expect, test } from 'vitest'

import { databaseOf, describeUrl, withDatabase, withUser } from './postgres-url.ts'

const URLS = [
  'postgres://admin:s%40cret@db.example:6432/postgres?sslmode=disable',
  'postgresql://admin:s%40cret@db.example:6432/postgres',
  'postgres://admin:s%40cret@%2Frun%2Fpg:6432/postgres',
  'postgres://admin:s%40cret@/postgres?host=/run/pg&port=6432',
  'postgres:///postgres?host=/run/pg&port=6432&user=admin&password=s%40cret',
]

/** What the driver makes of a connection string: the only reading of it that counts. */
function read(url: string) {
  const { host, port, database, user, password } = new Client({ connectionString: url })
  return { host, port, database, user, password }
}

test.each(URLS)('another database keeps server and user: %s', (url) => {
  expect(read(withDatabase(url, 'florin_0a1b2c_my-wiki'))).toEqual({ ...read(url), database: 'florin_0a1b2c_my-wiki' })
})

test.each(URLS)('another user keeps server and database: %s', (url) => {
  const user = { user: 'florin_service', password: 'a/b@c:d%e?' }
  expect(read(withUser(url, user))).toEqual({ ...read(url), ...user })
})

test.each(URLS)('what is shown to people names the place and no user: %s', (url) => {
  expect(describeUrl(url)).toMatch(/^(db\.example:6432|\/run\/pg(:6432)?)\/postgres$/)
})

test('a connection string without a database means the one named as the user', () => {
  expect(databaseOf('postgres://admin@localhost')).toBe('admin')
})

test.each(['', 'localhost:5432', 'mysql://root@localhost/x', 'host=localhost dbname=x'])('%j is refused', (url) => {
  expect(() => withDatabase(url, 'x')).toThrow(/postgres:\/\/user:password@host/)
})
