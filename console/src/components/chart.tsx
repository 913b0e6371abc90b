import type { EChartsCoreOption } from 'echarts/core'
import { useEffect, useRef } from 'react'

/**
 * A chart, drawn by ECharts, which only pages with charts load. It is a picture: `label` says in words what it shows, and
 * the figures are always on the page as text as well. `option` is made anew from the theme's colours.
 */
export function Chart({ label, option, height = 220 }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    let ended = false
    let release = () => {}
    const start = async () => {
      const { draw } = await import('./echarts.ts')
      if (!ended && place.current) release = draw(place.current, () => option(colours()))
    }
    void start()
    return () => {
      ended = true
      release()
    }
  }, [option])
  return <div ref={place} role="img" aria-label={label} className="w-full" style={{ height }} />
}

interface ChartProps {
  label: string
  option: (colours: Colours) => EChartsCoreOption
  height?: number
}

export interface Colours {
  ink: string
  muted: string
  line: string
  accent: string
  soft: string
  surface: string
}

function colours(): Colours {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    ink: of('ink'),
    muted: of('muted'),
    line: of('line'),
    accent: of('accent'),
    soft: of('accent-soft'),
    surface: of('surface'),
  }
}
