/** Small drawings, in the colour of the text beside them. */

const PATHS = {
  previous: "M10 3 5 8l5 5",
  next: "m6 3 5 5-5 5",
  up: "m3 10 5-5 5 5",
  down: "m3 6 5 5 5-5",
  close: "m4 4 8 8m0-8-8 8",
  warning: "M8 2 1.5 13.5h13zM8 6.5v3.2m0 1.6v.6",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zm3.6-1.4L14 14",
  grid: "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5H9z",
  table: "M2 3h12v10H2zM2 6.5h12M2 10h12M6 6.5V13",
  graph: "M5.5 1.5h5v4h-5zM1 10.5h5v4H1zM10 10.5h5v4h-5zM8 5.5v2.5m-4.5 2.5V8h9v2.5",
  play: "M4.5 2.8v10.4L13 8z",
  pause: "M5 3v10M11 3v10",
  latest: "M3 3v10l6-5zM12 3v10",
  check: "m3 8.5 3.2 3.5L13 4.5",
  dash: "M4 8h8",
  note: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 5.2v3.6m0-6v.1",
  target: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM8 1v3m0 8v3M1 8h3m8 0h3",
} as const;

/** Name of a drawing. */
export type IconName = keyof typeof PATHS;

/** A drawing of 16 x 16 pixels; the button around it carries the name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
