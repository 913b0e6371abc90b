import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/surfaces.tsx'
import { CopyButton } from './copy-button.tsx'
import { save } from './csv.tsx'

/** What signs in once each when the authenticator is lost; shown this once. */
export function BackupCodes({ codes }: { codes: readonly string[] }) {
  return (
    <Notice tone="good" title="Your backup codes: they are not shown again">
      <ul aria-label="Backup codes" className="mt-2 grid grid-cols-2 gap-x-4 gap-y-1 font-mono text-sm">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="mt-3 flex flex-wrap gap-2">
        <CopyButton key={codes[0]} text={codes.join('\n')}>
          Copy them
        </CopyButton>
        <Button onClick={() => save('florin backup codes.txt', `${codes.join('\n')}\n`, 'text/plain')}>
          <Icon name="download" /> Save them
        </Button>
      </div>
    </Notice>
  )
}
