import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { type Item, read } from '../api/client.ts'
import { ApiError } from '../api/errors.ts'
import { useEconomy } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { Moment } from '../ui/figures.tsx'
import { Card, Empty } from '../ui/surfaces.tsx'

type Mail = Item<'/outbox'>

/** Where no mail server is set, what would have been sent: for development. */
export function OutboxPage() {
  const mails = useQuery({
    ...read(useEconomy(), '/outbox', { query: { limit: NEWEST as never } }),
    refetchInterval: 5_000,
  })
  const sent = mails.error instanceof ApiError && mails.error.code === 'outbox_not_kept'
  return (
    <Page title="Outbox" note="For development: where no mail server is set, mails stay here for a week.">
      {sent ? (
        <Card>
          <Empty title="Mails are sent">A mail server is set (SMTP_URL), so nothing is kept here.</Empty>
        </Card>
      ) : (
        <Loaded from={mails}>
          {({ data }) =>
            data.length === 0 ? (
              <Card>
                <Empty title="No mails yet">The first goes out when somebody signs up.</Empty>
              </Card>
            ) : (
              data.map((mail) => <Letter key={mail.id} mail={mail} />)
            )
          }
        </Loaded>
      )}
    </Page>
  )
}

const NEWEST = '50'

function Letter({ mail: { to, subject, text, created_at } }: { mail: Mail }) {
  return (
    <Card
      title={subject}
      note={
        <>
          To {to}, <Moment at={created_at} />
        </>
      }
    >
      <p className="text-sm break-words whitespace-pre-wrap">{text ? withLinks(text) : 'Its text is deleted.'}</p>
    </Card>
  )
}

/** Addresses of this server become links; any other stays text. */
function withLinks(text: string): ReactNode[] {
  return text.split(/(https?:\/\/\S+)/).map((part, at) =>
    URL.canParse(part) && new URL(part).origin === location.origin ? (
      <a key={at} href={part} className="break-all text-accent underline">
        {part}
      </a>
    ) : (
      part
    ),
  )
}
