import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isRecord } from '#kit/json.ts';

/** Differences that stay, and why. */
export interface Known {
  /** A whole signature; `*` stands for anything, also for nothing. */
  readonly signature: string;
  readonly reason: string;
}

/** The entries of `known.json`. */
export function readKnown(): readonly Known[] {
  const list: unknown = JSON.parse(readFileSync(path.join(import.meta.dirname, 'known.json'), 'utf8'));
  return (Array.isArray(list) ? list.filter(isRecord) : []).map(({ signature, reason }) => ({
    signature: String(signature),
    reason: String(reason),
  }));
}

/** The entry that a difference falls under: the whole signature decides, so that an entry hides no more than it says. */
export function knownAs(known: readonly Known[], signature: string): Known | undefined {
  return known.find((one) => isLike(one.signature, signature));
}

function isLike(pattern: string, text: string): boolean {
  const [head = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return text === head;
  if (!text.startsWith(head) || !text.endsWith(last)) return false;
  let at = head.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
