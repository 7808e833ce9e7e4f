const MIB = 1024 * 1024;
/** Of a thread that reads nothing. */
const BASE_BYTES = 64 * MIB;
/** The text itself, and the JSON that comes of it. */
const BYTES_PER_CHAR = 16;
/** What may begin a list, an object or a member of one, with all that the reader keeps of it. Measured: 490 bytes for lists in lists. */
const BYTES_PER_OPENING = 512;
/** An item more. Measured: 130 bytes. */
const BYTES_PER_ITEM = 160;
/** What each character of ASCII adds; no set and no pattern, because every character of megabytes is looked up. */
const COSTS = new Uint16Array(128);
for (const char of '[{-?:') COSTS[char.charCodeAt(0)] = BYTES_PER_OPENING;
COSTS[','.charCodeAt(0)] = BYTES_PER_ITEM;

/** How much memory reading a YAML text takes at most, in bytes; a look at each character. */
export function yamlNeedBytes(text: string): number {
  let bytes = BASE_BYTES + text.length * BYTES_PER_CHAR;
  for (let at = 0; at < text.length; at += 1) bytes += COSTS[text.charCodeAt(at)] ?? 0;
  return bytes;
}
