import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { type Answer, read, send } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { ParameterBounds } from '../components/parameter-bounds.tsx'
import { ShapedValue } from '../components/parameter-value.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { SelectField, TextArea, TextField } from '../ui/field.tsx'
import { grouped, words } from '../ui/format.ts'
import { Card, Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

type Asked = Record<string, string>

const TYPES = [
  ['parameter_change', 'Change a parameter'],
  ['treasury_allocation', 'Pay from the treasury'],
  ['feature_request', 'Ask for a feature'],
] as const
type Type = (typeof TYPES)[number][0]

/** Writes a draft of any type; what it may be is said before it is sent, and decided by the server. */
export function ProposalForm({ power }: { power: Answer<'/me/power'> }) {
  const economy = useEconomy()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const refusal = useRefusal('me.propose')
  const { key, settled } = useIdempotencyKey()
  const [title, setTitle] = useState('')
  const [description, setDescription] = useState('')
  const [type, setType] = useState<Type>('parameter_change')
  const [asked, setAsked] = useState<Asked>({})
  const propose = useMutation({
    mutationFn: async () => {
      const body = { title, description, proposal_type: type, parameters: parametersOf(type, asked) }
      return await send(economy, '/proposals', { body, key })
    },
    onSettled: (_, error) => settled(error),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: [economy] })
      await navigate(paths.proposal(economy, id))
    },
  })
  const blocked =
    refusal ??
    (power.may_propose
      ? undefined
      : `A proposal takes a voting power of ${grouped(power.proposal_threshold ?? '')} ${power.asset}.`)
  return (
    <Card title="What you propose" note="It is a draft first: you see how it reads, and submit it then.">
      <form
        className="max-w-2xl space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (blocked === undefined) propose.mutate()
        }}
      >
        <TextField
          label="Title"
          required
          maxLength={200}
          autoComplete="off"
          value={title}
          onChange={({ target }) => setTitle(target.value)}
        />
        <TextArea
          label="Why"
          hint="What is wrong or missing, and what gets better. At most 10,000 characters."
          required
          maxLength={10_000}
          rows={6}
          value={description}
          onChange={({ target }) => setDescription(target.value)}
        />
        <SelectField
          label="What it would do"
          value={type}
          options={TYPES}
          onChange={({ target }) => {
            setType(target.value as Type)
            setAsked({})
          }}
        />
        {type === 'parameter_change' && <ParameterFields asked={asked} onChange={setAsked} />}
        {type === 'treasury_allocation' && <AllocationFields asset={power.asset} asked={asked} onChange={setAsked} />}
        {type === 'feature_request' && (
          <TextField
            label="Link"
            hint="Where it is described or discussed, if anywhere; beginning with https://"
            type="url"
            maxLength={500}
            value={asked['url'] ?? ''}
            onChange={({ target }) => setAsked({ url: target.value })}
          />
        )}
        {propose.error && (
          <Notice tone="danger">
            {propose.error instanceof SyntaxError ? 'Write the new value as JSON.' : sentenceOf(propose.error)}
          </Notice>
        )}
        <Button type="submit" look="primary" busy={propose.isPending} disabledReason={blocked}>
          Write the draft
        </Button>
      </form>
    </Card>
  )
}

function ParameterFields({ asked, onChange }: FieldsProps) {
  const { data } = useQuery(read(useEconomy(), '/parameters'))
  const governable = (data?.data ?? []).filter((parameter) => parameter.governable)
  const chosen = governable.find(({ name }) => name === asked['parameter_name'])
  const choose = (name: string) => {
    const parameter = governable.find((each) => each.name === name)
    onChange(parameter ? { parameter_name: name, proposed_value: writtenAs(parameter.value) } : {})
  }
  const write = (proposed_value: string) => onChange({ ...asked, proposed_value })
  return (
    <>
      <SelectField
        label="Parameter"
        required
        value={asked['parameter_name'] ?? ''}
        options={[['', 'Choose one'], ...governable.map(({ name }) => [name, words(name)] as const)]}
        onChange={({ target }) => choose(target.value)}
      />
      {chosen && (
        <>
          <div className="space-y-1 rounded-md bg-raised px-3.5 py-2.5 text-sm">
            <p>{chosen.description}</p>
            <div className="text-muted">
              Now: <ShapedValue value={chosen.value} shape={chosen.shape} />
            </div>
            <p className="text-muted">
              <ParameterBounds shape={chosen.shape} />
            </p>
          </div>
          {(asked['proposed_value'] ?? '').includes('\n') ? (
            <TextArea
              label="New value"
              hint="As JSON."
              rows={10}
              spellCheck={false}
              value={asked['proposed_value'] ?? ''}
              onChange={({ target }) => write(target.value)}
            />
          ) : (
            <TextField
              label="New value"
              required
              autoComplete="off"
              value={asked['proposed_value'] ?? ''}
              onChange={({ target }) => write(target.value)}
            />
          )}
        </>
      )}
    </>
  )
}

function AllocationFields({ asset, asked, onChange }: FieldsProps & { asset: string }) {
  const { data } = useQuery(read(useEconomy(), '/parameters'))
  const bps = (name: string) => data?.data.find((parameter) => parameter.name === name)?.value
  const percent = (name: string) => `${Number(bps(name) ?? 0) / 100} %`
  return (
    <>
      <TextField
        label={`Amount in ${asset}`}
        hint={
          data &&
          `At most ${percent('treasury_proposal_max_bps')} of the treasury, and ${percent('treasury_quarter_max_bps')} for all proposals of a quarter.`
        }
        inputMode="decimal"
        required
        autoComplete="off"
        value={asked['amount'] ?? ''}
        onChange={({ target }) => onChange({ ...asked, amount: target.value.trim() })}
      />
      <TextField
        label="To whom"
        hint="A username."
        required
        maxLength={100}
        autoComplete="off"
        value={asked['recipient'] ?? ''}
        onChange={({ target }) => onChange({ ...asked, recipient: target.value })}
      />
    </>
  )
}

interface FieldsProps {
  asked: Asked
  onChange: (asked: Asked) => void
}

/** As the effect of the type reads it: a table or a truth value is JSON, all else the text that was written. */
function parametersOf(type: Type, asked: Asked): Record<string, unknown> {
  if (type === 'feature_request') return asked['url'] ? asked : {}
  if (type !== 'parameter_change') return asked
  const written = (asked['proposed_value'] ?? '').trim()
  const isJson = /^([[{]|(true|false)$)/.test(written)
  return { ...asked, proposed_value: isJson ? (JSON.parse(written) as unknown) : written }
}

function writtenAs(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
