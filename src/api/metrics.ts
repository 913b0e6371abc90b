import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/**
 * What `/metrics` shows: the process, the requests by route pattern (never by path: paths hold ids), and whatever other
 * parts add to `registry`.
 */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'florin_http_request_duration_seconds',
    help: 'Time from the request line to the end of the answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  // Finding the series for three labels costs more than counting in it.
  const series = new Map<string, Histogram.Internal<'method' | 'route' | 'status'>>()
  return {
    registry,
    countRequest({ method, route, status, duration_ms }) {
      const name = `${method} ${route} ${status}`
      let counted = series.get(name)
      if (!counted) series.set(name, (counted = requests.labels({ method, route, status: String(status) })))
      counted.observe(duration_ms / 1_000)
    },
  }
}

export interface Metrics {
  registry: Registry
  countRequest(request: { method: string; route: string; status: number; duration_ms: number }): void
}
