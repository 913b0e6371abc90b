import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { send, type SendAnswer, type SendBody } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { AssetChoice, useAssets } from '../components/asset-choice.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Page } from '../components/page.tsx'
import { useIdempotencyKey } from '../forms/idempotency-key.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Amount } from '../ui/figures.tsx'
import { Card, Fact, Facts, Notice } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

type Request = SendBody<'/ledger/entries'>['entries'][number]
type Result = SendAnswer<'/ledger/entries'>['results'][number]

/** One movement by hand: tried first, so that whoever posts it has seen what it does. */
export function NewEntryPage() {
  const economy = useEconomy()
  const queries = useQueryClient()
  const refusal = useRefusal('ledger.post')
  const { key, settled } = useIdempotencyKey()
  const [fields, setFields] = useState<Fields>(NOTHING)
  const assets = useAssets()
  const asset = fields.asset || (assets[0] ?? '')
  const entry = entryOf({ ...fields, asset })
  const post = async (dry_run: boolean) => {
    const body = { entries: [entry], dry_run }
    return (await send(economy, '/ledger/entries', { body, key })).results[0]
  }
  const trial = useMutation({ mutationFn: async () => await post(true) })
  const posted = useMutation({
    mutationFn: async () => await post(false),
    onSettled: async (_, error) => {
      settled(error)
      await queries.invalidateQueries({ queryKey: [economy] })
    },
  })
  // What was tried is no longer what would be posted.
  const change = (changed: Partial<Fields>) => {
    trial.reset()
    posted.reset()
    setFields({ ...fields, ...changed })
  }
  const tried = trial.data?.status === 'posted'
  const done = posted.data?.status === 'posted' ? posted.data : undefined
  return (
    <Page title="New entry" note={<TextLink to={paths.page(economy, 'entries')}>Entries</TextLink>}>
      <Card note="Moves an amount by hand. What a module owns is moved by the module alone." title="What it says">
        <form
          className="max-w-lg space-y-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (refusal !== undefined || done) return
            if (tried) posted.mutate()
            else trial.mutate()
          }}
        >
          <PathField label="From" value={fields.from} onChange={(from) => change({ from })} />
          <PathField label="To" value={fields.to} onChange={(to) => change({ to })} />
          <div className="grid gap-3 sm:grid-cols-2">
            <AssetChoice value={asset} onChange={(chosen) => change({ asset: chosen })} />
            <TextField
              label="Amount"
              inputMode="decimal"
              autoComplete="off"
              required
              value={fields.amount}
              onChange={({ target }) => change({ amount: target.value.trim() })}
            />
            <TextField
              label="Kind"
              hint="What it is, in lower case."
              autoComplete="off"
              required
              value={fields.kind}
              onChange={({ target }) => change({ kind: target.value.trim() })}
            />
            <TextField
              label="Reference"
              hint="Such as the number of an invoice."
              autoComplete="off"
              maxLength={200}
              value={fields.reference}
              onChange={({ target }) => change({ reference: target.value })}
            />
          </div>
          {(trial.error ?? posted.error) && <Notice tone="danger">{sentenceOf(trial.error ?? posted.error)}</Notice>}
          <Outcome entry={entry} result={posted.data ?? trial.data} tried={posted.data === undefined} />
          <div className="flex flex-wrap gap-2">
            {done ? (
              <Button onClick={() => change(NOTHING)}>Post another one</Button>
            ) : (
              <Button type="submit" look="primary" busy={trial.isPending || posted.isPending} disabledReason={refusal}>
                {tried ? 'Post it' : 'Try it'}
              </Button>
            )}
          </div>
        </form>
      </Card>
    </Page>
  )
}

interface Fields {
  from: string
  to: string
  asset: string
  amount: string
  kind: string
  reference: string
}

const NOTHING: Fields = { from: '', to: '', asset: '', amount: '', kind: 'transfer', reference: '' }

function entryOf({ from, to, asset, amount, kind, reference }: Fields): Request {
  return { kind, postings: [{ from, to, asset, amount }], ...(reference !== '' && { reference }) }
}

function PathField({ label, value, onChange }: { label: string; value: string; onChange: (path: string) => void }) {
  return (
    <TextField
      label={label}
      placeholder="treasury:main"
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      required
      maxLength={200}
      value={value}
      onChange={({ target }) => onChange(target.value.trim())}
    />
  )
}

/** What a trial would do, or what was done. */
function Outcome({ entry, result, tried }: { entry: Request; result: Result | undefined; tried: boolean }) {
  const economy = useEconomy()
  if (result === undefined) return null
  if (result.status === 'rejected') return <Notice tone="danger">{result.detail}</Notice>
  const [asked, moved] = [entry.postings[0], result.postings[0]]
  if (!asked || !moved) return null
  return (
    <Notice tone={tried ? 'plain' : 'good'} title={tried ? 'It would be posted. Then there is' : 'It is posted'}>
      <div className="mt-2 text-ink">
        <Facts>
          <Fact name={asked.from}>
            <Amount value={moved.from_balance} asset={moved.asset} />
          </Fact>
          <Fact name={asked.to}>
            <Amount value={moved.to_balance} asset={moved.asset} />
          </Fact>
        </Facts>
        {result.id !== undefined && (
          <p className="mt-2">
            <TextLink to={paths.entry(economy, result.id)}>See the entry</TextLink>
          </p>
        )}
      </div>
    </Notice>
  )
}
