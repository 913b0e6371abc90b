/** Small line drawings on a grid of 16; decoration beside a label, so no reader reads them out. */
export function Icon({ name, className = '' }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={`size-4 shrink-0 fill-none stroke-current ${className}`}
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={SHAPES[name]} />
    </svg>
  )
}

const SHAPES = {
  overview: 'M2.5 2.5h4.5v6H2.5zM9 2.5h4.5V6H9zM9 8.5h4.5v5H9zM2.5 11h4.5v2.5H2.5z',
  accounts: 'M2.5 6.5 8 3l5.5 3.5M3 13.5h10M4.5 7.5v5M8 7.5v5M11.5 7.5v5',
  entries: 'M3 4.5h10M3 8h10M3 11.5h6',
  holds: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  balance: 'M8 2.5v11M5 13.5h6M3 5h10M3 5l-1.5 4a1.8 1.8 0 0 0 3 0zM13 5l-1.5 4a1.8 1.8 0 0 0 3 0z',
  blocks: 'M8 2 13.5 5v6L8 14l-5.5-3V5zM2.5 5 8 8l5.5-3M8 8v6',
  distributions: 'M8 2.5v5M8 7.5l-4.5 5M8 7.5l4.5 5M8 7.5v5',
  contributions: 'M3 13.5 4 10l7-7 2.5 2.5-7 7zM9.5 4.5 12 7',
  people:
    'M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 3.3a2.5 2.5 0 0 1 0 4.4M12 9.8c1.600.6 2.5 1.900 2.5 3.700',
  articles: 'M4 2.500h5.500L12.500 5.500v8H4zM9.500 2.500v3h3M6 8.500h4.500M6 11h4.500',
  parameters: 'M2.500 5h5M11 5h2.500M9 3.200v3.600M2.500 11H5M8.500 11h5M6.500 9.200v3.600',
  audit: 'M8 2 3 4v4c0 3 2 5 5 6 3-1 5-3 5-6V4zM5.800 8l1.600 1.600L10.400 6.500',
  menu: 'M2.500 4.500h11M2.500 8h11M2.500 11.500h11',
  close: 'M4 4l8 8M12 4l-8 8',
  sun: 'M8 5.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600zM8 1.500v1M8 13.500v1M1.500 8h1M13.500 8h1M3.400 3.400l.7.7M11.900 11.900l.7.7M12.600 3.400l-.7.7M4.100 11.900l-.7.7',
  moon: 'M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  closing: 'M3 2.500h10v11H3zM5.500 2.500v11M8 6.500l1.500 1.500L12 5.500',
  coins: 'M6 9a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM9.500 6.500A3.500 3.500 0 1 1 6.700 10.400',
  issue: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v6M5 8h6',
  check: 'M3 8.500 6.500 12 13 4.500',
  download: 'M8 2.500v7.500M4.800 7 8 10.200 11.200 7M3 13.500h10',
  podium: 'M1.500 13.500h13M2.500 13.500v-4H6M6 13.500v-10h4v10M10 7h3.500v6.500',
  arrow: 'M3 8h10M9.500 4.500 13 8l-3.500 3.500',
  out: 'M6.500 3H3v10h3.500M10 5l3 3-3 3M13 8H6.500',
  vote: 'M2.500 8.500v5h11v-5M5 8.500h6M5.500 5.500 8 2.500l4 3.500-2.500 2.500',
  stake: 'M8 3c3 0 5 .9 5 2s-2 2-5 2-5-.9-5-2 2-2 5-2zM3 5v6c0 1.100 2 2 5 2s5-.9 5-2V5M3 8c0 1.100 2 2 5 2s5-.9 5-2',
  wallet: 'M2.500 4.500h10v9h-10zM2.500 4.500 10 2.500v2M10 8h3.500v2.500H10a1.200 1.200 0 0 1 0-2.500z',
  key: 'M5.500 13a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM7.300 8.700 13 3M10.500 5.500l2 2',
  person:
    'M8 8a2.700 2.700 0 1 0 0-5.400A2.700 2.700 0 0 0 8 8zM2.800 13.700c0-2.600 2.300-4.200 5.200-4.200s5.200 1.600 5.200 4.200',
  mail: 'M2 3.5h12v9H2zM2 4l6 5 6-5',
  jobs: 'M8 4.500V8l2.500 1.500M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z',
  hook: 'M6 9.500a2.500 2.500 0 1 0 2.500 2.500H13M8.500 5.500 6 9.500M10.500 9.500 8 5.200A2.500 2.500 0 1 1 10.700 4',
} as const

export type IconName = keyof typeof SHAPES
