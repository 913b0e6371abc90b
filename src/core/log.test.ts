import { expect, test } from 'vitest'

import { createLog, type LogFields } from './log.ts'

function written(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = []
  write(createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } }))
  return lines.map((line): Record<string, unknown> => JSON.parse(line))
}

test('an event is one line with its level, its time in UTC and its fields', () => {
  const [line] = written((log) => log.info('server_started', { port: 7411, height: 12n }))

  expect(line).toMatchObject({ level: 'info', event: 'server_started', port: 7411, height: '12' })
  expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
})

test('a field that is not on the list is not written', () => {
  const fields: LogFields & Record<string, unknown> = {
    status: 401,
    authorization: 'Bearer fl_x',
    body: { amount: '1' },
  }
  const [line] = written((log) => log.warn('request_refused', fields))

  expect(Object.keys(line ?? {}).toSorted()).toEqual(['event', 'level', 'status', 'time'])
})

test('what is below the level is not written', () => {
  expect(written((log) => log.debug('noise'))).toEqual([])
})

test('an error shows its causes, without credentials and without the rows that PostgreSQL quotes', () => {
  const cause = Object.assign(new Error('cannot reach postgres://florin:hunter2@db:5432/x'), {
    detail: 'Key (name)=(alice)',
  })
  const error = Object.assign(new Error('refused fl_abcdefghij', { cause }), { code: 'ECONNREFUSED' })
  const [line] = written((log) => log.error('request_failed', { error }))

  expect(line).toMatchObject({
    error: { name: 'Error', code: 'ECONNREFUSED', cause: { message: 'cannot reach postgres://…@db:5432/x' } },
  })
  expect(JSON.stringify(line)).not.toMatch(/hunter2|abcdefghij|alice/)
})

test('a thrown value that is no error is written as text', () => {
  const [line] = written((log) => log.error('request_failed', { error: 'just a text' }))

  expect(line).toMatchObject({ error: { message: 'just a text' } })
})
