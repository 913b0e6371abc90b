import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type Item, send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { useSettled } from '../components/settled.ts'
import { StakeOffer } from '../components/stake-offer.tsx'
import { Button } from '../ui/button.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { Amount } from '../ui/figures.tsx'
import { Card, Notice } from '../ui/surfaces.tsx'
import { newKey, useIdempotencyKey } from './idempotency-key.ts'

/** What you will get stands there before you press, as the server works it out. */
export function StakeForm({ pool }: { pool: Item<'/staking/pools'> }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('me.stake')
  const { key, settled } = useIdempotencyKey()
  const { asset, code, tiers } = pool
  const [amount, setAmount] = useState('')
  const [days, setDays] = useState(String(tiers[0]?.duration_days ?? ''))
  const chosen = tiers.find(({ duration_days }) => String(duration_days) === days)
  const body = { pool: code, amount, duration_days: chosen?.duration_days ?? 0 }
  const written = /^(0|[1-9]\d*)(\.\d+)?$/.test(amount) && chosen !== undefined
  const settledOn = useSettled(amount)
  const preview = useQuery({
    queryKey: [economy, '/me/stakes/preview', body],
    enabled: written && settledOn === amount && refusal === undefined,
    queryFn: async () => await send(economy, '/me/stakes/preview', { body, key: newKey() }),
  })
  const stake = useMutation({
    mutationFn: async () => await send(economy, '/me/stakes', { body, key }),
    onSettled: async (_, error) => {
      settled(error)
      if (!error) setAmount('')
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  const offer = preview.data
  return (
    <Card
      title={`Stake ${asset}`}
      note={
        <>
          At least <Amount value={pool.minimum_stake} asset={asset} />. The reward is set aside when you stake.
        </>
      }
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (offer && offer.refused === null) stake.mutate()
        }}
      >
        <div className="grid items-start gap-3 sm:max-w-lg sm:grid-cols-2">
          <TextField
            label={`Amount in ${asset}`}
            inputMode="decimal"
            autoComplete="off"
            required
            value={amount}
            onChange={({ target }) => setAmount(target.value.trim())}
          />
          <SelectField
            label="Term"
            value={days}
            options={tiers.map(({ duration_days, multiplier }) => [
              String(duration_days),
              `${duration_days} days, rewards × ${multiplier}`,
            ])}
            onChange={({ target }) => setDays(target.value)}
          />
        </div>
        {preview.error && <Notice tone="danger">{sentenceOf(preview.error)}</Notice>}
        {offer && <StakeOffer of={offer} />}
        {offer?.refused && <Notice tone="warning">{REFUSALS[offer.refused]}</Notice>}
        {stake.error && <Notice tone="danger">{sentenceOf(stake.error)}</Notice>}
        {stake.isSuccess && <Notice tone="good">It is staked. Your stakes are below.</Notice>}
        <Button
          type="submit"
          look="primary"
          busy={stake.isPending}
          disabledReason={
            refusal ??
            (offer ? (offer.refused ? REFUSALS[offer.refused] : undefined) : 'Say how much, and see what you get.')
          }
        >
          Stake it
        </Button>
      </form>
    </Card>
  )
}

const REFUSALS = {
  insufficient_funds: 'You have less than that available.',
  reward_pool_short: 'The reward pool cannot promise that much now. Stake less, or for a shorter term.',
}
