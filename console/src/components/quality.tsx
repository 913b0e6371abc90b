import { useQuery } from '@tanstack/react-query'

import { read } from '../api/client.ts'
import { useEconomy } from './economy.tsx'

/** What a score may be, and how many make the quality of a change, as the parameters in force say. */
export interface QualityTerms {
  least: string
  most: string
  quorum: string
}

/** Undefined until they are read. */
export function useQualityTerms(): QualityTerms | undefined {
  const { data } = useQuery(read(useEconomy(), '/parameters'))
  if (data === undefined) return undefined
  const valueOf = (wanted: string) => {
    const value = data.data.find(({ name }) => name === wanted)?.value
    return typeof value === 'string' ? value : JSON.stringify(value ?? null)
  }
  return { least: valueOf('quality_min'), most: valueOf('quality_max'), quorum: valueOf('quality_quorum') }
}

/** How scores become the quality of a change, in the order in which a reviewer asks. */
export function QualityRules({ terms: { least, most, quorum } }: { terms: QualityTerms }) {
  return (
    <ul className="list-disc space-y-1 pl-5 text-sm">
      <li>
        A score is from {least} to {most}: 1 is ordinary work, and leaves the points as they are.
      </li>
      <li>
        The quality of a change is the median of its scores. Of fewer than {quorum}, those that are missing count as 1.
      </li>
      <li>A staff review counts alone, whatever others have said.</li>
      <li>Nobody reviews a change of their own, and when its week is distributed, quality is settled.</li>
    </ul>
  )
}
