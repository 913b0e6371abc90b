import { useQuery } from '@tanstack/react-query'

import { Skeleton } from '../ui/surfaces.tsx'

/** Drawn in this page, so that what it says goes nowhere; always dark on light, as cameras want it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const drawn = useQuery({
    queryKey: ['qr', text],
    queryFn: async () => {
      const { encode } = await import('uqr')
      return encode(text, { border: 2 })
    },
    // It holds a secret: it is forgotten with the page.
    gcTime: 0,
  })
  if (!drawn.data) return <Skeleton lines={3} />
  const { data: rows, size } = drawn.data
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return (
    <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} className="w-48 rounded-md bg-white">
      <path d={path} className="fill-black" shapeRendering="crispEdges" />
    </svg>
  )
}
