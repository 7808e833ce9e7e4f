import { Buffer } from 'node:buffer';

/** The text, or as much of its beginning as fits into so many bytes of UTF-8, with `…` at its end. */
export function cutText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  // why the replacement character goes: the cut may be in the middle of one
  const kept = bytes.subarray(0, maxBytes - 3).toString();
  return `${kept.replace(/\uFFFD+$/, '')}…`;
}
