import { useQuery } from '@tanstack/react-query'

import { read } from '../api/client.ts'
import { SelectField } from '../ui/field.tsx'
import { useEconomy } from './economy.tsx'

/** The codes of the assets that there are. */
export function useAssets(): readonly string[] {
  const { data } = useQuery(read(useEconomy(), '/ledger/assets', { query: { limit: 200 } }))
  return data?.data.map(({ code }) => code) ?? []
}

export function AssetChoice({ value, onChange }: { value: string; onChange: (asset: string) => void }) {
  const assets = useAssets()
  return (
    <SelectField
      label="Asset"
      value={value}
      options={assets.map((code) => [code, code])}
      onChange={({ target }) => onChange(target.value)}
    />
  )
}
