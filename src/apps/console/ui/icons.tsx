import type { ReactNode } from 'react';

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** The product's mark: boxes stowed in a hold. */
export function ProductMark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="5" fill="var(--accent)" />
      <g fill="var(--onAccent)">
        <rect x="5" y="5.5" width="14" height="3.4" rx="1" />
        <rect x="5" y="10.3" width="9" height="3.4" rx="1" opacity=".75" />
        <rect x="15.2" y="10.3" width="3.8" height="3.4" rx="1" />
        <rect x="5" y="15.1" width="5" height="3.4" rx="1" />
        <rect x="11.2" y="15.1" width="7.8" height="3.4" rx="1" opacity=".75" />
      </g>
    </svg>
  );
}

/** A magnifying glass. */
export function SearchIcon() {
  return (
    <Icon>
      <circle cx="7" cy="7" r="4.2" />
      <path d="m10.2 10.2 3.3 3.3" />
    </Icon>
  );
}

/** Two stacked disks: claims. */
export function ClaimIcon() {
  return (
    <Icon>
      <ellipse cx="8" cy="4" rx="5" ry="2" />
      <path d="M3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2" />
    </Icon>
  );
}

/** Layers: storage classes. */
export function ClassIcon() {
  return (
    <Icon>
      <path d="m8 2 6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3" />
    </Icon>
  );
}

/** A drive: persistent volumes. */
export function VolumeIcon() {
  return (
    <Icon>
      <rect x="2" y="3" width="12" height="10" rx="1.5" />
      <path d="M2 9.5h12M5 11.3h.01M11 11.3h.01" />
    </Icon>
  );
}

/** Half lit, half dark: the theme. */
export function ThemeIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 2.5v11A5.5 5.5 0 0 0 8 2.5z" fill="currentColor" stroke="none" />
    </Icon>
  );
}

/** A person. */
export function UserIcon() {
  return (
    <Icon>
      <circle cx="8" cy="5.5" r="2.7" />
      <path d="M2.8 13.5c.6-2.6 2.7-4 5.2-4s4.6 1.4 5.2 4" />
    </Icon>
  );
}
