import { createTransport } from 'nodemailer'

import type { Secret } from '../core/secret.ts'
import type { Mailer } from './mail.ts'

/** Sends mail by SMTP, through the server of the settings. */
export function createSmtpMailer({ url, from }: { url: Secret; from: string }): Mailer {
  const transport = createTransport({ url: url.reveal(), ...TIMEOUTS, disableFileAccess: true, disableUrlAccess: true })
  return {
    send: async (mail) => void (await transport.sendMail({ from, ...mail })),
    close: () => transport.close(),
  }
}

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 }
