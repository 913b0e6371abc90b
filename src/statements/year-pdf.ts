import { setImmediate } from 'node:timers/promises'

import { serialUuid } from '../core/id.ts'
import { encodeBase64 } from '../ledger/log/base64.ts'
import { dayOf, figure, signedFigure } from './figures.ts'
import { INK, MARGIN, MUTED, Sheet, WIDTH } from './pdf-sheet.ts'
import { counterpartyOf, reasonOfKind } from './statement-words.ts'
import { accountsPrefix } from './statements-queries.ts'
import type { YearAccount, YearLine, YearStatement } from './year.ts'

/**
 * The statement as a document to keep: for each account what there was, came, went and is, by kind and line by line, and
 * the checkpoint that it can be verified with. Amounts have all of their decimals. The same statement made at the same
 * checkpoint is the same file, byte for byte.
 */
export async function yearPdf(statement: YearStatement, { economy }: { economy: string }): Promise<Buffer> {
  const { person, year, block, accounts } = statement
  const subject = `${person.username}, ${economy}`
  const sheet = new Sheet({ title: `Statement of account ${year}`, subject, time: block.time })
  drawHead(sheet, statement, economy)
  if (accounts.length === 0)
    sheet.paragraph('Nothing was held and nothing moved in this year.', { size: 10, color: INK })
  for (const account of accounts) await drawAccount(sheet, account, statement)
  drawVerification(sheet, statement)
  return await sheet.finish(
    `${person.username} · ${economy} · ${year} · at ${block.tree_size} leaves of ${block.origin}`,
  )
}

const RIGHT = MARGIN + WIDTH
const FIGURE_SIZE = 8.5
const ROW_GAP = 7
/** With less there is no room for a name. */
const LEAST_WIDTH = 30
/** Lines between which others get their turn: a long year takes a second to lay out. */
const LINES_AT_ONCE = 100

const COLUMNS = {
  date: { x: MARGIN, width: 58 },
  what: { x: MARGIN + 58, width: WIDTH - 58 - 2 * 118 },
  amount: { x: RIGHT - 2 * 118, width: 114 },
  balance: { x: RIGHT - 118, width: 118 },
}

function drawHead(sheet: Sheet, { person, year, from, until, final, block }: YearStatement, economy: string): void {
  sheet.text('Statement of account', { x: MARGIN, width: 330, size: 22, font: 'strong' })
  sheet.text(`${year}`, { x: RIGHT - 160, width: 160, size: 22, align: 'right', color: MUTED })
  sheet.y += 40
  const last = new Date(until.getTime() - 1)
  const facts = [
    ['Member', person.username],
    ['Member’s id', person.id],
    ['Economy', economy],
    ['Period', `${dayOf(from)} to ${dayOf(last)}, days in UTC, by when each line took effect`],
    ['Status', final ? 'Final: the books are closed to the end of the year' : PROVISIONAL],
    ['As of', `${block.time.toISOString()}, ${figure(block.tree_size, 0)} sealed leaves`],
  ]
  for (const [name = '', value = ''] of facts) {
    sheet.text(name, { x: MARGIN, width: 80, color: MUTED })
    sheet.text(value, { x: MARGIN + 84, width: WIDTH - 84 })
    sheet.y += 15
  }
  sheet.y += 18
}

const PROVISIONAL = 'Provisional: until the books are closed, entries may still be dated back into it'

async function drawAccount(sheet: Sheet, account: YearAccount, { person }: YearStatement): Promise<void> {
  const name = account.path.slice(accountsPrefix(person.id).length)
  sheet.room(190)
  sheet.text(`${account.asset} · ${name}`, { x: MARGIN, width: WIDTH, size: 13, font: 'strong' })
  sheet.y += 22
  drawSummary(sheet, account)
  drawTotals(sheet, account)
  if (account.lines.length > 0) {
    const size = figureSize(sheet, account)
    drawLineHead(sheet, account)
    for (const [i, line] of account.lines.entries()) {
      if (i % LINES_AT_ONCE === LINES_AT_ONCE - 1) await setImmediate()
      if (sheet.room(rowHeight(line))) {
        sheet.text(`${account.asset} · ${name}, continued`, { x: MARGIN, width: WIDTH, size: 7.5, color: MUTED })
        sheet.y += 16
        drawLineHead(sheet, account)
      }
      drawLine(sheet, line, { account, person: person.id, size })
    }
  }
  sheet.y += 26
}

function drawSummary(sheet: Sheet, { asset, scale, opening, received, sent, closing }: YearAccount): void {
  const cells = [
    ['Opening balance', figure(opening, scale)],
    ['Received', signedFigure(received, scale)],
    ['Sent', signedFigure(-sent, scale)],
    ['Closing balance', figure(closing, scale)],
  ]
  for (const [i, [name = '', text = '']] of cells.entries()) {
    const strong = i === 3
    if (strong) sheet.rule({ color: INK, width: 0.75 })
    sheet.y += strong ? 5 : 0
    const font = strong ? 'strong' : 'text'
    sheet.text(name, { x: MARGIN, width: 200, font })
    sheet.text(`${text} ${asset}`, { x: MARGIN + 200, width: WIDTH - 200, font, align: 'right' })
    sheet.y += 15
  }
  sheet.y += 16
}

function drawTotals(sheet: Sheet, { asset, scale, totals }: YearAccount): void {
  if (totals.length === 0) return
  const columns = (cells: readonly string[], options: { size: number; color: string }) => {
    const [kind = '', lines = '', received = '', sent = ''] = cells
    sheet.text(kind, { x: MARGIN, width: 190, ...options })
    sheet.text(lines, { x: MARGIN + 190, width: 50, align: 'right', ...options })
    sheet.text(received, { ...COLUMNS.amount, align: 'right', ...options })
    sheet.text(sent, { ...COLUMNS.balance, align: 'right', ...options })
    sheet.y += 14
  }
  const head = () => {
    columns(['By kind', 'Lines', `Received (${asset})`, `Sent (${asset})`], { size: 7.5, color: MUTED })
    sheet.rule({ y: sheet.y - 2 })
    sheet.y += 3
  }
  sheet.room(60)
  head()
  for (const { kind, lines, received, sent } of totals) {
    if (sheet.room(16)) head()
    const figures = [figure(received, scale), figure(sent, scale)]
    columns([reasonOfKind(kind), `${lines}`, ...figures], { size: FIGURE_SIZE, color: INK })
  }
  sheet.y += 16
}

function drawLineHead(sheet: Sheet, { asset }: YearAccount): void {
  const head = { size: 7.5, color: MUTED }
  sheet.text('Date', { ...COLUMNS.date, ...head })
  sheet.text('What for', { ...COLUMNS.what, ...head })
  sheet.text(`Amount (${asset})`, { ...COLUMNS.amount, align: 'right', ...head })
  sheet.text(`Balance (${asset})`, { ...COLUMNS.balance, align: 'right', ...head })
  sheet.rule({ y: sheet.y + 12 })
  sheet.y += 18
}

function drawLine(sheet: Sheet, line: YearLine, { account: { scale }, person, size }: DrawLine): void {
  const { amount, balance, reason, effective_at, recorded_at, counterparty, username, note } = line
  const own = counterparty.startsWith(accountsPrefix(person))
  const small = { size: 6.5, color: MUTED }
  const top = sheet.y
  sheet.text(dayOf(effective_at), { ...COLUMNS.date, size: FIGURE_SIZE })
  sheet.text(reason, { ...COLUMNS.what, size: FIGURE_SIZE })
  if (username === null || own) {
    const other = ` · ${counterpartyOf({ counterparty, username, own })}`
    const indent = Math.min(sheet.widthOf(reason, FIGURE_SIZE), COLUMNS.what.width)
    const rest = { x: COLUMNS.what.x + indent, width: COLUMNS.what.width - indent }
    if (rest.width > LEAST_WIDTH) sheet.text(other, { ...rest, size: FIGURE_SIZE, color: MUTED })
  }
  sheet.text(signedFigure(amount, scale), { ...COLUMNS.amount, size, align: 'right' })
  sheet.text(figure(balance, scale), { ...COLUMNS.balance, size, align: 'right' })
  sheet.y += 12
  if (note !== null) {
    sheet.text(`“${note}”`, { x: COLUMNS.what.x, width: RIGHT - COLUMNS.what.x, size: 7.5 })
    sheet.y += 10
  }
  sheet.text(`${serialUuid(line.entry, recorded_at)}, posting ${line.no}`, { ...COLUMNS.what, ...small })
  if (dayOf(recorded_at) !== dayOf(effective_at)) {
    sheet.text(`rec. ${dayOf(recorded_at)}`, { ...COLUMNS.date, ...small })
  }
  sheet.y = top + rowHeight(line)
}

function rowHeight({ note }: YearLine): number {
  return 12 + (note === null ? 0 : 10) + 8 + ROW_GAP
}

/** So that the longest figure still fits its column. */
function figureSize(sheet: Sheet, { lines, scale }: YearAccount): number {
  const longest = lines
    .flatMap(({ amount, balance }) => [signedFigure(amount, scale), figure(balance, scale)])
    .reduce((most, text) => (text.length > most.length ? text : most), '')
  const width = sheet.widthOf(longest, FIGURE_SIZE)
  return width <= COLUMNS.amount.width ? FIGURE_SIZE : (FIGURE_SIZE * COLUMNS.amount.width) / width
}

function drawVerification(sheet: Sheet, { block }: YearStatement): void {
  sheet.room(120)
  sheet.rule()
  sheet.y += 10
  sheet.text('Verify it', { x: MARGIN, width: WIDTH, size: 11, font: 'strong' })
  sheet.y += 18
  sheet.paragraph(HOW)
  sheet.y += 6
  const facts = [
    ['Log', block.origin],
    ['Tree size', `${block.tree_size}`],
    ['Root', encodeBase64(block.root)],
    ['Block', `${block.height}, ${block.time.toISOString()}`],
  ]
  for (const [name = '', value = ''] of facts) {
    sheet.text(name, { x: MARGIN, width: 60, size: 8, color: MUTED })
    sheet.text(value, { x: MARGIN + 62, width: WIDTH - 62, size: 8 })
    sheet.y += 12
  }
}

const HOW =
  'Every line is a posting of an entry that is sealed in the log. Its proof, which shows nothing of anybody else, is at ' +
  '/me/entries/{entry}/proof?posting={number}; “florin verify-proof” checks it without the server, against the signed ' +
  'checkpoint of this head, which is public and which whoever kept it has too.'

interface DrawLine {
  account: YearAccount
  person: string
  size: number
}
