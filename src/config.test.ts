import { inspect } from 'node:util'

import { expect, test } from 'vitest'

import { PROJECT_ROOT, readConfig } from './config.ts'

const DATABASE_URL = 'postgres://admin:hunter2@db.example/postgres'

test('nothing set means the embedded database, on this machine only, in the project folder', () => {
  expect(readConfig({})).toMatchObject({
    data: `${PROJECT_ROOT}/.florin`,
    host: '127.0.0.1',
    port: 7411,
    database: undefined,
    connections_max: 40,
    log_level: 'info',
    ci: false,
  })
})

test('an empty setting counts as not set', () => {
  expect(readConfig({ DATABASE_URL: '', PORT: '', FLORIN_SECRET: '', CI: '' })).toMatchObject({
    database: undefined,
    port: 7411,
    ci: false,
  })
})

test('without a direct address the database is reached directly', () => {
  const { database } = readConfig({ DATABASE_URL })
  expect(database?.direct_url.reveal()).toBe(DATABASE_URL)
})

test('a printed configuration shows no password and no secret', () => {
  const config = readConfig({ DATABASE_URL, FLORIN_SECRET: 'hunter2'.repeat(5) })
  expect(inspect(config, { depth: 9, showHidden: true }) + JSON.stringify(config)).not.toContain('hunter2')
})

test.each([
  ['PORT', '70000', /PORT must be a port from 0/],
  ['PORT', '0x10', /PORT must be a port from 0/],
  ['PORT', '80.5', /PORT must be a port from 0/],
  ['FLORIN_DB_CONNECTIONS', '5', /FLORIN_DB_CONNECTIONS must be a number of database connections from 6/],
  ['FLORIN_SECRET', 'short', /FLORIN_SECRET must have at least 32 characters; "openssl/],
  ['DATABASE_URL', 'localhost', /DATABASE_URL must be a connection string such as/],
  ['LOG_LEVEL', 'loud', /LOG_LEVEL must be one of fatal, error/],
  ['FLORIN_URL', 'wiki.example', /FLORIN_URL must be where people reach this server/],
  ['SMTP_URL', 'mail.example', /SMTP_URL must be a mail server such as/],
  ['SMTP_URL', 'smtp://mail.example', /SMTP_URL needs FLORIN_MAIL_FROM and FLORIN_URL/],
  ['FLORIN_MAIL_FROM', 'Wiki\r\nBcc: x@y', /FLORIN_MAIL_FROM must be an address/],
  ['FLORIN_LOG_ORIGIN', 'my log', /FLORIN_LOG_ORIGIN must be a name without spaces/],
])('%s=%s is refused with what it may be', (name, value, sentence) => {
  expect(() => readConfig({ [name]: value })).toThrow(sentence)
})

test('a mail server goes with a sender and with where people reach us, and its password is no text', () => {
  const config = readConfig({
    SMTP_URL: 'smtps://wiki:hunter2@mail.example',
    FLORIN_MAIL_FROM: 'Wiki <wiki@wiki.example>',
    FLORIN_URL: 'https://wiki.example/somewhere',
  })
  expect(config.public_url).toBe('https://wiki.example')
  expect(config.smtp?.from).toBe('Wiki <wiki@wiki.example>')
  expect(inspect(config, { depth: 9, showHidden: true })).not.toContain('hunter2')
})

test('all that is wrong is said at once, and no secret with it', () => {
  expect(() => readConfig({ PORT: 'x', FLORIN_SECRET: 'hunter2' })).toThrow(
    /^PORT (?!.*hunter2).* FLORIN_SECRET (?!.*hunter2)/,
  )
})

test('the connection string of a hand-made database is read by the name of its setting', () => {
  const config = readConfig({ WIKI_DATABASE: DATABASE_URL, WIKI_PORT: '12' })
  expect(config.databaseUrlSetting('WIKI_DATABASE').reveal()).toBe(DATABASE_URL)
  expect(() => config.databaseUrlSetting('OTHER_DATABASE')).toThrow(/Set the environment variable OTHER_DATABASE/)
  expect(() => config.databaseUrlSetting('WIKI_PORT')).toThrow(/WIKI_PORT must be a connection string/)
})
