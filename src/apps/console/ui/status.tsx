import type { StatusTone } from '#api/claim-status.ts';

/** The sign of a tone: its shape tells as much as its colour. */
export function StatusSign({ tone }: { readonly tone: StatusTone }) {
  return (
    <svg className={`sign tone-${tone}`} viewBox="0 0 10 10" aria-hidden="true">
      {tone === 'good' && <circle cx="5" cy="5" r="4" fill="currentColor" />}
      {tone === 'busy' && (
        <>
          <circle cx="5" cy="5" r="3.4" fill="none" stroke="currentColor" strokeWidth="1.3" />
          <path d="M5 1.6a3.4 3.4 0 0 1 0 6.8z" fill="currentColor" />
        </>
      )}
      {tone === 'waiting' && <circle cx="5" cy="5" r="3.4" fill="none" stroke="currentColor" strokeWidth="1.5" />}
      {tone === 'bad' && <path d="M5 .6 9.4 5 5 9.4.6 5z" fill="currentColor" />}
    </svg>
  );
}

/** A status in one line: sign and sentence. */
export function StatusText({ tone, text }: { readonly tone: StatusTone; readonly text: string }) {
  return (
    <span className="status" title={text}>
      <StatusSign tone={tone} />
      <span className={`status-text tone-${tone}`}>{text}</span>
    </span>
  );
}
