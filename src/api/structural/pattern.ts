import { RE2JS } from 're2js';
import { fail, ok, type Result } from '#kit/errors.ts';

/** Characters of a text times length of a pattern that one match may cost; a match is linear in both. */
const MAX_MATCH_COST = 50_000_000;
/** Patterns that are kept compiled. */
const MAX_KEPT = 2_000;

const compiled = new Map<string, RE2JS>();

/** Compiles a pattern in Go's dialect. The error says what is wrong with it. */
export function compilePattern(pattern: string): Result<RE2JS> {
  const known = compiled.get(pattern);
  if (known !== undefined) return ok(known);
  try {
    const made = RE2JS.compile(pattern);
    if (compiled.size >= MAX_KEPT) compiled.clear();
    compiled.set(pattern, made);
    return ok(made);
  } catch (thrown) {
    // why: the library throws classes of its own; only its words are of use
    return fail(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** Whether `pattern` is found in `text`, in time linear in both. The error says why that can't be told. */
export function findsPattern(pattern: string, text: string): Result<boolean> {
  if (text.length * pattern.length > MAX_MATCH_COST) return fail(`the text is too long for this pattern (${text.length} characters)`);
  const regex = compilePattern(pattern);
  return regex.ok ? ok(regex.value.matcher(text).find()) : regex;
}

/** The texts that `pattern` finds in `text`, at most `limit`. The error says why that can't be told. */
export function matchesOf(pattern: string, text: string, limit = Number.MAX_SAFE_INTEGER): Result<readonly string[]> {
  if (text.length * pattern.length > MAX_MATCH_COST) return fail(`the text is too long for this pattern (${text.length} characters)`);
  const regex = compilePattern(pattern);
  if (!regex.ok) return regex;
  const matcher = regex.value.matcher(text);
  const found: string[] = [];
  while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '');
  return ok(found);
}
