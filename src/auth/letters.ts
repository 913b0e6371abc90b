/** What is written to people, as plain text. */
export const LETTERS: Record<Letter, (about: { title: string; link: string }) => { subject: string; text: string }> = {
  verify: ({ title, link }) => ({
    subject: `${title}: confirm your address`,
    text: `Open this link within an hour to confirm your address and sign in:\n\n${link}\n\nIf you asked for nothing, ignore this mail.\n`,
  }),
  reset: ({ title, link }) => ({
    subject: `${title}: choose a new password`,
    text: `Open this link within an hour to choose a new password. It works once:\n\n${link}\n\nIf you asked for nothing, ignore this mail: your password stays as it is.\n`,
  }),
  confirm_change: ({ title, link }) => ({
    subject: `${title}: your address is to change`,
    text: `Somebody who is signed in as you wants to change your address. If it was you, open this link within an hour:\n\n${link}\n\nIf not, change your password.\n`,
  }),
  known: ({ title }) => ({
    subject: `${title}: you have an account`,
    text: `Somebody tried to sign up with your address, which has an account already. If it was you, sign in, or choose a new password if you have lost yours. If not, ignore this mail.\n`,
  }),
}

export type Letter = 'verify' | 'reset' | 'confirm_change' | 'known'
