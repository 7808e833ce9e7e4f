/** `TapeRobots` for `tape-robots`. */
export function pascal(name: string): string {
  return name.replace(/(?:^|-)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** `tapeRobots` for `tape-robots`. */
export function camel(name: string): string {
  return pascal(name).replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** What the kind of a module is called. */
export interface KindWords {
  /** `TapeRobot` */
  readonly kind: string;
  /** `taperobots`, as in paths. */
  readonly plural: string;
  /** `taperobot`, as users type it. */
  readonly singular: string;
  /** `tape-robots.stowage.dev` */
  readonly group: string;
}

/** Names of a module are plurals more often than not; what is short (`nfs`) is an abbreviation. */
export function kindWords(name: string): KindWords {
  const isPlural = /[a-z]{4,}s$/.test(name) && !name.endsWith('ss');
  const kind = pascal(isPlural ? name.slice(0, -1) : name);
  const singular = kind.toLowerCase();
  return {
    kind,
    singular,
    plural: isPlural ? `${singular}s` : `${singular}${singular.endsWith('s') ? 'es' : 's'}`,
    group: `${name}.stowage.dev`,
  };
}

/** The README of a new folder. */
export function readme(folder: string, table: string): string {
  return `# ${folder}

Says in one sentence what it does.

**Why.** Says what would be missing without it.

**Start reading** at ...

${table}

Invariants (each has a test)
- ...
`;
}
