import { expect, test } from 'vitest'

import { csvText } from './csv.ts'

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1'])(
  '%j would run as a formula, so it is quoted',
  (text) => {
    expect(csvText(text)).toBe(`'${text}`)
  },
)

test.each(['', 'ada', 'a=b', '1-1', ' =1'])('%j is a text as it is', (text) => {
  expect(csvText(text)).toBe(text)
})
