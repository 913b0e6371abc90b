import type { EChartsCoreOption } from 'echarts/core'

import type { Colours } from './chart.tsx'

/** One series over time: bars for what happened in each week. Tooltips are drawn on the canvas: the page allows no inline style. */
export function bars({ names, values }: Series): (colours: Colours) => EChartsCoreOption {
  return (colours) => ({
    ...frame(colours),
    xAxis: { ...axis(colours), type: 'category', data: names, axisTick: { show: false } },
    yAxis: { ...axis(colours), type: 'value', splitLine: { lineStyle: { color: colours.line } } },
    series: [
      { type: 'bar', data: values, barMaxWidth: 28, itemStyle: { color: colours.accent, borderRadius: [2, 2, 0, 0] } },
    ],
  })
}

/** Who has how much: one bar below the other, the largest on top. */
export function ranking({ names, values }: Series): (colours: Colours) => EChartsCoreOption {
  return (colours) => ({
    ...frame(colours),
    xAxis: { ...axis(colours), type: 'value', splitLine: { lineStyle: { color: colours.line } } },
    yAxis: {
      ...axis(colours),
      type: 'category',
      inverse: true,
      data: names,
      axisTick: { show: false },
      axisLabel: { color: colours.muted, fontFamily: FONT, fontSize: 12, width: 130, overflow: 'truncate' },
    },
    series: [
      { type: 'bar', data: values, barMaxWidth: 18, itemStyle: { color: colours.accent, borderRadius: [0, 2, 2, 0] } },
    ],
  })
}

interface Series {
  names: readonly string[]
  values: readonly number[]
}

const FONT = 'Inter Variable, system-ui, sans-serif'

function frame(colours: Colours) {
  return {
    textStyle: { fontFamily: FONT },
    grid: { left: 4, right: 12, top: 10, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      axisPointer: { type: 'shadow', shadowStyle: { color: colours.line, opacity: 0.4 } },
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: colours.ink, fontSize: 12, fontFamily: FONT },
    },
  }
}

function axis(colours: Colours) {
  return {
    axisLine: { lineStyle: { color: colours.line } },
    axisLabel: { color: colours.muted, fontFamily: FONT, fontSize: 12, hideOverlap: true },
  }
}
