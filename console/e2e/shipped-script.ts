import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const DIST = join(import.meta.dirname, '../dist')
/** Fetched when a chart is drawn, and not before. */
const CHARTS = 'src/components/echarts.ts'

/** For each page, how many bytes of compressed script a browser fetches for it, charts apart: from the build's own manifest. */
export function shippedScript(): { page: string; bytes: number }[] {
  const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>
  const withImports = (name: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(name)) return seen
    seen.add(name)
    for (const imported of manifest[name]?.imports ?? []) withImports(imported, seen)
    return seen
  }
  const sizes = new Map<string, number>()
  const sizeOf = (name: string) => {
    const file = manifest[name]?.file ?? ''
    if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(join(DIST, file))).length)
    return sizes.get(file) ?? 0
  }
  const pages = Object.keys(manifest).filter((name) => manifest[name]?.isDynamicEntry && name !== CHARTS)
  return pages.map((page) => {
    const chunks = withImports(page, withImports('index.html'))
    return { page, bytes: [...chunks].reduce((sum, name) => sum + sizeOf(name), 0) }
  })
}

interface Chunk {
  file: string
  imports?: string[]
  isDynamicEntry?: boolean
}
