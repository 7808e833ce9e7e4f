const REDACTED = '[redacted]';
/** Values that are shorter are words that stand anywhere; they go where their field is known (redact-object.ts). */
const MIN_LENGTH = 6;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g, REDACTED],
  // JSON web tokens: tokens of service accounts and of OpenID
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g, REDACTED],
  [/\b(Bearer|Basic)\s+[\w+/=.~-]{8,}/gi, `$1 ${REDACTED}`],
  [/\b([a-z][\w+.-]*:\/\/[^\s:/@"']*):[^\s/@"']+@/gi, `$1:${REDACTED}@`],
  [
    /((?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key|credentials?)\\?["']?\s*[=:]\s*\\?["']?)(?!(?:true|false|null|\d+)\b)([^\s"'\\,;&{[]{3,})/gi,
    `$1${REDACTED}`,
  ],
];

/** Takes known secret values, and what looks like credentials, out of any text. Costs about the length of the text, however many values are known. */
export class Scrubber {
  readonly #byStart = new Map<string, string[]>();

  /** Hides `value` from now on: as it is, in base64, and as JSON writes it; each line of a longer text too. */
  hide(value: string): void {
    const forms = new Set([value, value.trim(), Buffer.from(value).toString('base64'), JSON.stringify(value).slice(1, -1)]);
    if (value.includes('\n')) for (const line of value.split('\n')) forms.add(line.trim());
    for (const form of forms) this.#hideForm(form);
  }

  /** `text` without them. */
  scrub(text: string): string {
    let clean = this.#withoutKnown(text);
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
    return clean;
  }

  #hideForm(form: string): void {
    if (form.length < MIN_LENGTH) return;
    const start = form.slice(0, MIN_LENGTH);
    const known = this.#byStart.get(start) ?? [];
    if (known.includes(form)) return;
    // why longest first: a value may be the beginning of another
    this.#byStart.set(
      start,
      [...known, form].toSorted((a, b) => b.length - a.length),
    );
  }

  #withoutKnown(text: string): string {
    if (this.#byStart.size === 0) return text;
    const parts: string[] = [];
    let kept = 0;
    for (let index = 0; index + MIN_LENGTH <= text.length; index += 1) {
      const candidates = this.#byStart.get(text.slice(index, index + MIN_LENGTH));
      const found = candidates?.find((form) => text.startsWith(form, index));
      if (found === undefined) continue;
      parts.push(text.slice(kept, index), REDACTED);
      kept = index + found.length;
      index = kept - 1;
    }
    return kept === 0 ? text : `${parts.join('')}${text.slice(kept)}`;
  }
}
