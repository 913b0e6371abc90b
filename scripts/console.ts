import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { PROJECT_ROOT } from '../src/config.ts'

/*
 * Builds the console into console/dist, where the server finds it, with each file compressed beside it. Does nothing
 * where what is there was made from these very sources; so `npm start` and the tests call it each time.
 */

const folder = join(PROJECT_ROOT, 'console')
const stamp = join(folder, 'dist/stamp')
const COMPRESSED = /\.(js|css|svg)$/

const sources = globSync(['index.html', 'package.json', 'vite.config.ts', 'src/**/*.*'], { cwd: folder }).toSorted()
const state = sources.map((file) => `${file} ${statSync(join(folder, file)).mtimeMs}`).join('\n')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== state) {
  const { status, stderr } = spawnSync(process.execPath, [findVite(), 'build', '--logLevel', 'error'], {
    cwd: folder,
    encoding: 'utf8',
    // The tests set another, and React takes it for a wish to be slow.
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (status !== 0) {
    console.error(`The console could not be built.\n${stderr}`)
    process.exit(1)
  }
  for (const file of globSync('dist/assets/*', { cwd: folder }).filter((name) => COMPRESSED.test(name))) {
    const path = join(folder, file)
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }))
  }
  mkdirSync(join(folder, 'dist'), { recursive: true })
  writeFileSync(stamp, state)
}

function findVite(): string {
  const places = [join(folder, 'node_modules'), join(PROJECT_ROOT, 'node_modules')]
  const found = places.map((place) => join(place, 'vite/bin/vite.js')).find((file) => existsSync(file))
  if (found !== undefined) return found
  throw new Error('Vite is not installed. Run: npm install')
}
