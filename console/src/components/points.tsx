import { Count } from '../ui/figures.tsx'

interface Scored {
  base_points: number
  quality_multiplier: string
  reputation_multiplier: string
  demand_multiplier: string
  total_points: number
}

/** The points with how they came about. The product is rounded half up to a whole number, once, which is said where it is. */
export function Points({ of, whole = false }: { of: Scored; whole?: boolean }) {
  const { base_points, quality_multiplier, reputation_multiplier, demand_multiplier, total_points } = of
  const factors = [quality_multiplier, reputation_multiplier, demand_multiplier]
  return (
    <span className={whole ? 'flex flex-wrap items-baseline gap-x-2' : ''}>
      <span className={whole ? 'text-xl font-semibold' : 'font-medium'}>
        <Count value={total_points} />
      </span>
      <span className={`figures text-muted ${whole ? '' : 'block text-xs whitespace-nowrap'}`}>
        {whole && '= '}
        {base_points} × {factors.join(' × ')}
      </span>
    </span>
  )
}
