/** A rule for a text: the faults of `value`, none where it is right. */
export type NameRule = (value: string) => readonly string[];

interface Pattern {
  readonly source: string;
  readonly message: string;
  readonly examples: readonly string[];
  readonly maxBytes: number;
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = String.raw`${LABEL}(\.${LABEL})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const QUALIFIED_MESSAGE = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** `must be no more than N bytes`: apimachinery's text for a value that is too long. */
export function maxLengthMessage(maxBytes: number): string {
  return `must be no more than ${maxBytes} bytes`;
}

/** A DNS label of at most 63 bytes: names of namespaces, containers, volumes. */
export const dns1123Label: NameRule = rule({
  source: LABEL,
  message:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  examples: ['my-name', '123-abc'],
  maxBytes: 63,
});

/** A DNS label that begins with a letter: names of custom resources and their versions. */
export const dns1035Label: NameRule = rule({
  source: '[a-z]([-a-z0-9]*[a-z0-9])?',
  message:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  examples: ['my-name', 'abc-123'],
  maxBytes: 63,
});

/** A DNS subdomain of at most 253 bytes: names of most objects. */
export const dns1123Subdomain: NameRule = rule({
  source: SUBDOMAIN,
  message:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  examples: ['example.com'],
  maxBytes: 253,
});

/** The value of a label. */
export const labelValue: NameRule = rule({
  source: `(${QUALIFIED})?`,
  message:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ['MyValue', 'my_value', '12345'],
  maxBytes: 63,
});

const configKey = rule({
  source: '[-._a-zA-Z0-9]+',
  message: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  examples: ['key.name', 'KEY_NAME', 'key-name'],
  maxBytes: 253,
});

/** The key of an entry in a ConfigMap or a Secret. */
export const configMapKey: NameRule = (value) => {
  const faults = [...configKey(value)];
  if (value === '.') faults.push("must not be '.'");
  if (value === '..') faults.push("must not be '..'");
  else if (value.startsWith('..')) faults.push("must not start with '..'");
  return faults;
};

/** The name of an environment variable: printable ASCII but `=` (relaxed form of 1.34). */
export const environmentName: NameRule = (value) => {
  if (value === '') return ['environment variable name must not be empty'];
  return /^[ -<>-~]+$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
};

/** A name that may stand in a path as it is: names of roles and their bindings (apimachinery `ValidatePathSegmentName`). */
export const pathSegment: NameRule = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((illegal) => value.includes(illegal)).map((illegal) => `may not contain '${illegal}'`);
};

const namePart = rule({
  source: QUALIFIED,
  message: QUALIFIED_MESSAGE,
  examples: ['MyName', 'my.name', '123-abc'],
  maxBytes: 63,
});

/** `name` or `prefix/name`: keys of labels and annotations, names of resources and finalizers. */
export const qualifiedName: NameRule = (value) => {
  const slash = value.indexOf('/');
  if (slash !== value.lastIndexOf('/')) {
    const pattern = regexMessage({ source: QUALIFIED, message: QUALIFIED_MESSAGE, examples: ['MyName', 'my.name', '123-abc'] });
    return [`a qualified name ${pattern} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const faults: string[] = [];
  if (slash >= 0) {
    const prefix = value.slice(0, slash);
    if (prefix === '') faults.push('prefix part must be non-empty');
    else faults.push(...dns1123Subdomain(prefix).map((fault) => `prefix part ${fault}`));
  }
  const name = value.slice(slash + 1);
  if (name === '') faults.push('name part must be non-empty');
  return [...faults, ...namePart(name).map((fault) => `name part ${fault}`)];
};

function rule(pattern: Pattern): NameRule {
  const regex = new RegExp(`^${pattern.source}$`);
  const message = regexMessage(pattern);
  return (value) => {
    // why: every allowed character is one byte, so the length in characters says as much
    const isLong = value.length > pattern.maxBytes;
    // why: the pattern is only tried on the beginning, so no input can make it slow
    const isWrong = !regex.test(value.slice(0, pattern.maxBytes * 4));
    return [...(isLong ? [maxLengthMessage(pattern.maxBytes)] : []), ...(isWrong ? [message] : [])];
  };
}

/** The text of apimachinery's `RegexError`, odd punctuation included. */
function regexMessage({ source, message, examples }: Omit<Pattern, 'maxBytes'>): string {
  return `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${source}')`;
}
