import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type Answer, send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { useSettled } from '../components/settled.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Amount } from '../ui/figures.tsx'
import { Card, Fact, Facts, Notice } from '../ui/surfaces.tsx'
import { newKey, useIdempotencyKey } from './idempotency-key.ts'

/** Sends to another member: fee, total and what remains stand there before it is pressed, and the fee is agreed to. */
export function TransferForm({ held: { asset } }: { held: Answer<'/me/account'>['data'][number] }) {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('me.transfer')
  const { key, settled } = useIdempotencyKey()
  const [to, setTo] = useState('')
  const [amount, setAmount] = useState('')
  const [note, setNote] = useState('')
  const written = /^(0|[1-9]\d*)(\.\d+)?$/.test(amount) && to.trim() !== ''
  const asked = { to: to.trim(), asset, amount }
  const settledOn = useSettled(JSON.stringify(asked))
  const still = written && settledOn === JSON.stringify(asked)
  const preview = useQuery({
    queryKey: [economy, '/me/transfers/preview', asked],
    enabled: still && refusal === undefined,
    queryFn: async () => await send(economy, '/me/transfers/preview', { body: asked, key: newKey() }),
  })
  const transfer = useMutation({
    mutationFn: async (fee_max: string) =>
      await send(economy, '/me/transfers', { body: { ...asked, fee_max, ...(note && { note }) }, key }),
    onSettled: async (_, error) => {
      settled(error)
      if (!error) {
        setTo('')
        setAmount('')
        setNote('')
      }
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  const offer = still ? preview.data : undefined
  const blocked = refusal ?? (offer ? offer.refusal?.detail : 'Say to whom and how much, and see what it costs.')
  return (
    <Card title={`Send ${asset}`} note="To another member. It cannot be taken back.">
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (offer && blocked === undefined) transfer.mutate(offer.fee)
        }}
      >
        <div className="grid items-start gap-3 sm:grid-cols-3">
          <TextField
            label="To"
            hint="A username."
            required
            maxLength={100}
            autoComplete="off"
            value={to}
            onChange={({ target }) => {
              setTo(target.value)
              transfer.reset()
            }}
          />
          <TextField
            label={`Amount in ${asset}`}
            inputMode="decimal"
            autoComplete="off"
            required
            value={amount}
            onChange={({ target }) => setAmount(target.value.trim())}
          />
          <TextField
            label="Note"
            hint="Both of you read it."
            maxLength={200}
            autoComplete="off"
            value={note}
            onChange={({ target }) => setNote(target.value)}
          />
        </div>
        {still && preview.error && <Notice tone="danger">{sentenceOf(preview.error)}</Notice>}
        {offer && (
          <div className="rounded-md bg-raised p-4">
            <Facts>
              <Fact name={`${offer.to.username} gets`}>
                <Amount value={offer.amount} asset={asset} />
              </Fact>
              <Fact name="Fee">
                <Amount value={offer.fee} asset={asset} />
              </Fact>
              <Fact name="You pay">
                <span className="text-lg font-semibold">
                  <Amount value={offer.total} asset={asset} />
                </span>
              </Fact>
              <Fact name="You have left">
                {offer.available_after === null ? '–' : <Amount value={offer.available_after} asset={asset} />}
              </Fact>
            </Facts>
          </div>
        )}
        {offer?.refusal && <Notice tone="warning">{offer.refusal.detail}</Notice>}
        {transfer.error && <Notice tone="danger">{sentenceOf(transfer.error)}</Notice>}
        {transfer.data && (
          <Notice tone="good">
            Sent: {transfer.data.to.username} has <Amount value={transfer.data.amount} asset={asset} /> more.
          </Notice>
        )}
        <Button type="submit" look="primary" busy={transfer.isPending} disabledReason={blocked}>
          Send it
        </Button>
      </form>
    </Card>
  )
}
