/** The few signs of the page, drawn on a 16 px grid; decoration only, the words stand beside them. */
const PATHS = {
  close: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  save: 'M8 2.5v7.5M4.8 7.2 8 10.400l3.200-3.200M3 13.500h10',
  chevron: 'M4.500 6.500 8 10l3.500-3.500',
  check: 'M3.500 8.500 6.500 11.500l6-7',
  warn: 'M8 2.300 14.300 13.200H1.700zM8 6.600v3M8 11.400v.1',
  turn: 'M13 8a5 5 0 1 1-1.600-3.700M13 2.200v2.600h-2.600',
  lock: 'M4.500 7.200V5.500a3.500 3.500 0 0 1 7 0v1.700M3.500 7.200h9v6.300h-9z',
  pencil: 'M10.500 3.500l2 2L6 12l-2.700.700.700-2.700z',
  trash: 'M3.500 4.500h9M6.500 4.500v-1.500h3v1.500M4.800 4.500l.600 8.500h5.200l.600-8.500',
  undo: 'M5.500 3 3 5.500 5.500 8M3 5.500h6.500a3.500 3.500 0 0 1 0 7H6',
  redo: 'M10.500 3 13 5.500 10.500 8M13 5.500H6.500a3.500 3.500 0 0 0 0 7H10',
  sun: 'M8 5a3 3 0 1 1 0 6a3 3 0 0 1 0-6zM8 1.500v1.500M8 13v1.500M1.500 8h1.500M13 8h1.500M3.400 3.400l1.100 1.100M11.500 11.500l1.100 1.100M3.400 12.600l1.100-1.100M11.500 4.500l1.100-1.100',
  moon: 'M13 9.600A5.500 5.500 0 0 1 6.400 3a5.500 5.500 0 1 0 6.600 6.600z',
  ruler:
    'M2 10.500 10.500 2l3.500 3.500L5.500 14zM4.700 7.800l1.500 1.500M7 5.500l2 2M9.200 3.300l1.500 1.500',
  section: 'M1.500 8h2M5 8h2M9 8h2M12.500 8h2M3.500 5.500v-3h9v3M3.500 10.500v3h9v-3',
  compare: 'M8 1.500v13M5.500 4h-3v8h3M10.500 4h3v8h-3',
  grid: 'M2.500 6h11M2.500 10h11M6 2.500v11M10 2.500v11',
  fold: 'M8.500 4.500 5 8l3.500 3.500M12.500 4.500 9 8l3.500 3.500',
  sheet: 'M3 5h10M3 8h10M3 11h6',
} as const;

export function Icon({ name, size = 16 }: { name: keyof typeof PATHS; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
