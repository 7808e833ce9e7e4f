/** A key that stood in a map before, and the line where it stands again. */
export interface RepeatedKey {
  readonly line: number;
  readonly key: string;
}

/** What comes before the key of a member of a block, the key, and the value. Each place can be read in one way only, so that its time is linear. */
const MEMBER =
  /^( *(?:- +)*)("(?:[^"\\]|\\.)*" *|'(?:[^']|'')*' *|(?![#"'[\]{},&*!|>%@`?]|- )[^\s:#][^:#]*(?::(?=\S)[^:#]*)*):(?:\s+(\S.*)?)?$/;
/** A value that is a text over the lines that follow and stand further in. */
const BLOCK_TEXT = /^[|>][-+\d]*\s*(?:#.*)?$/;

interface Block {
  readonly indent: number;
  readonly keys: Set<string>;
}

/** Keys that stand again in the same map, as far as they stand in lines of their own (blocks, not `{…}`), in the order of the text. Takes linear time. */
export function repeatedLines(text: string, most: number): readonly RepeatedKey[] {
  const found: RepeatedKey[] = [];
  const blocks: Block[] = [];
  let textIndent = Number.POSITIVE_INFINITY;
  for (const [index, source] of text.split('\n').entries()) {
    const indent = source.length - source.trimStart().length;
    if (source.trim() === '' || indent > textIndent) continue;
    const member = memberOf(source);
    leave(blocks, member.outerIndent ?? indent);
    textIndent = member.isText ? member.indent : Number.POSITIVE_INFINITY;
    if (member.key === undefined) continue;
    const keys = keysAt(blocks, member.indent);
    if (keys.has(member.key) && found.length < most) found.push({ line: index + 1, key: member.key });
    keys.add(member.key);
  }
  return found;
}

interface Member {
  /** Undefined for a line without one, and for `<<`, which may stand again. */
  readonly key: string | undefined;
  readonly indent: number;
  /** Where the dash stands that begins the item. */
  readonly outerIndent: number | undefined;
  /** True where its value is a text over the lines that follow. */
  readonly isText: boolean;
}

function memberOf(source: string): Member {
  const [, lead = '', name, value = ''] = MEMBER.exec(source.replace(/\r$/, '')) ?? [];
  const dash = lead.indexOf('-');
  return {
    key: name === undefined || name === '<<' ? undefined : plainKey(name),
    indent: lead.length,
    outerIndent: dash < 0 ? undefined : dash,
    isText: name !== undefined && BLOCK_TEXT.test(value),
  };
}

/** Ends the blocks that stand further in; an item of a list ends that of the item before. */
function leave(blocks: Block[], indent: number): void {
  while ((blocks.at(-1)?.indent ?? -1) > indent) blocks.pop();
}

function keysAt(blocks: Block[], indent: number): Set<string> {
  const last = blocks.at(-1);
  if (last?.indent === indent) return last.keys;
  const keys = new Set<string>();
  blocks.push({ indent, keys });
  return keys;
}

function plainKey(text: string): string {
  const name = text.trimEnd();
  if (name.startsWith("'")) return name.slice(1, -1).replaceAll("''", "'");
  return name.startsWith('"') ? name.slice(1, -1) : name;
}
