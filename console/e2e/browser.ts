import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'

import { type Browser, chromium } from 'playwright-core'

/** The system's Chromium where it has one, else the one that came with `npm install`. */
export async function openBrowser(): Promise<Browser> {
  const installed = SYSTEM.find((path) => existsSync(path))
  if (installed !== undefined) return await chromium.launch({ executablePath: installed, args: ARGUMENTS })
  const folder = await unpacked()
  const libraries = join(folder, 'al2023/lib')
  return await chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: ARGUMENTS,
    env: { ...process.env, LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: join(folder, 'fonts') },
  })
}

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
]

/** The sandbox asks for more than root has in a container; no page but ours is opened. */
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none']

/** Unpacked once for each version, into a folder that appears when it is whole: two runs may come here at once. */
async function unpacked(): Promise<string> {
  const packaged = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../package.json')
  const { version } = createRequire(import.meta.url)(packaged) as { version: string }
  const folder = join(tmpdir(), `florin-chromium-${userInfo().username}-${version}`)
  if (existsSync(folder)) return folder
  const bin = join(dirname(packaged), 'bin')
  const { inflate } = await import('@sparticuz/chromium')
  const place = await mkdtemp(`${folder}-`)
  const before = process.env['TMPDIR']
  try {
    // The package unpacks to where temporary files go.
    process.env['TMPDIR'] = place
    for (const file of ['chromium.br', 'fonts.tar.br', 'al2023.tar.br', 'swiftshader.tar.br'])
      await inflate(join(bin, file))
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
  // The one that came along names folders of another place; without any font, not even a page's own are drawn.
  await writeFile(join(place, 'fonts/fonts.conf'), fontsIn(join(folder, 'fonts')))
  await rename(place, folder).catch(async () => await rm(place, { recursive: true }))
  return folder
}

function fontsIn(folder: string): string {
  return `<?xml version="1.0"?><fontconfig><dir>${folder}</dir><cachedir>${folder}/cache</cachedir></fontconfig>`
}
