import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import PdfDocument from 'pdfkit'

/**
 * A4 pages to write on from top to bottom, with columns. `y` is where the next thing goes; `room` begins a page when there
 * is too little left. The bytes depend on nothing but what is written and on `time`.
 */
export class Sheet {
  readonly doc: PDFKit.PDFDocument
  y = MARGIN
  readonly #chunks: Buffer[] = []
  readonly #ended: Promise<void>

  constructor({ title, subject, time }: { title: string; subject: string; time: Date }) {
    const info = {
      Title: title,
      Subject: subject,
      Author: 'Florin',
      Creator: 'Florin',
      CreationDate: time,
      ModDate: time,
    }
    this.doc = new PdfDocument({ size: 'A4', margin: 0, bufferPages: true, lang: 'en', displayTitle: true, info })
    this.doc.registerFont('text', FONT.regular).registerFont('strong', FONT.medium)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#ended = promise
    this.doc.on('data', (chunk: Buffer) => this.#chunks.push(chunk))
    this.doc.on('end', resolve)
    this.doc.on('error', reject)
  }

  /** One line of text, cut off with an ellipsis where it is longer than its column. */
  text(text: string, { x, width, y = this.y, size = 9, font = 'text', color = INK, align = 'left' }: Text): void {
    this.doc.font(font).fontSize(size).fillColor(color)
    this.doc.text(onOneLine(text), x, y, { width, align, lineBreak: false, ellipsis: true, height: size * 1.3 })
  }

  /** Several lines of text from here on, as many as it needs. */
  paragraph(text: string, { size = 8, color = MUTED }: { size?: number; color?: string } = {}): void {
    this.doc.font('text').fontSize(size).fillColor(color)
    const height = this.doc.heightOfString(text, { width: WIDTH, lineGap: 2 })
    this.room(height)
    this.doc.text(text, MARGIN, this.y, { width: WIDTH, lineGap: 2 })
    this.y += height
  }

  rule({ y = this.y, color = LINE, width = 0.5 }: { y?: number; color?: string; width?: number } = {}): void {
    this.doc
      .moveTo(MARGIN, y)
      .lineTo(MARGIN + WIDTH, y)
      .lineWidth(width)
      .strokeColor(color)
      .stroke()
  }

  widthOf(text: string, size: number): number {
    return this.doc.font('text').fontSize(size).widthOfString(text)
  }

  /** Begins a new page where less than `height` is left; says whether it did. */
  room(height: number): boolean {
    if (this.y + height <= BOTTOM) return false
    this.doc.addPage()
    this.y = MARGIN
    return true
  }

  /** Ends the document, with `footer` and the number of the page at the foot of each. */
  async finish(footer: string): Promise<Buffer> {
    const { count } = this.doc.bufferedPageRange()
    for (let page = 0; page < count; page++) {
      this.doc.switchToPage(page)
      this.rule({ y: FOOT - 8 })
      this.text(footer, { x: MARGIN, y: FOOT, width: WIDTH - 80, size: 7, color: MUTED })
      const number = `Page ${page + 1} of ${count}`
      this.text(number, { x: MARGIN + WIDTH - 80, y: FOOT, width: 80, size: 7, color: MUTED, align: 'right' })
    }
    this.doc.end()
    await this.#ended
    return Buffer.concat(this.#chunks)
  }
}

/** In points: A4 is 595 × 842. */
export const MARGIN = 48
export const WIDTH = 595 - 2 * MARGIN
export const INK = '#16181d'
export const MUTED = '#5b6270'
const LINE = '#d5d8de'
const FOOT = 842 - 40
const BOTTOM = FOOT - 18

const require = createRequire(import.meta.url)

/** Latin, Greek and Cyrillic; what it lacks is shown as an empty box. Its figures are all of one width. */
const FONT = {
  regular: readFileSync(require.resolve('roboto-fontface/fonts/roboto/Roboto-Regular.woff')),
  medium: readFileSync(require.resolve('roboto-fontface/fonts/roboto/Roboto-Medium.woff')),
}

/** What people write of themselves must not break lines, nor turn the direction of what stands beside it. */
function onOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}

interface Text {
  x: number
  width: number
  /** Here unless said. */
  y?: number
  size?: number
  font?: 'text' | 'strong'
  color?: string
  align?: 'left' | 'right'
}
