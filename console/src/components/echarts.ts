import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

import { THEME_CHANGED } from '../ui/theme.ts'

use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer])

/** Draws, and draws again when the theme or the width changes, until it is released. */
export function draw(place: HTMLElement, option: () => EChartsCoreOption): () => void {
  const chart = init(place)
  const paint = () => chart.setOption({ animation: false, ...option() }, { notMerge: true })
  const sizes = new ResizeObserver(() => chart.resize())
  paint()
  sizes.observe(place)
  addEventListener(THEME_CHANGED, paint)
  return () => {
    sizes.disconnect()
    removeEventListener(THEME_CHANGED, paint)
    chart.dispose()
  }
}
