import { CONTROLLER_METHODS, type Fate, NODE_METHODS, type Step } from './step.ts';

type Kind = Step['do'];
type PlainKind = Exclude<Kind, 'driverFate' | 'apiFate'>;

const PLAIN = {
  createClaim: true,
  deleteClaim: true,
  undelete: true,
  letGo: true,
  growClaim: true,
  setAttributes: true,
  deleteVolumeOf: true,
  takeSnapshot: true,
  deleteSnapshot: true,
  deleteSnapshotClass: true,
  takeGroup: true,
  deleteGroup: true,
  deleteGroupClass: true,
  createPod: true,
  deletePod: true,
  createSet: true,
  scaleSet: true,
  deleteSet: true,
  cordon: true,
  uncordon: true,
  installPlugin: true,
  uninstallPlugin: true,
  createProject: true,
  deleteProject: true,
  breakNode: true,
  mendNode: true,
  deleteClass: true,
  createClass: true,
  takeDriverAway: true,
  bringDriverBack: true,
  fillPool: true,
  freePool: true,
  wait: true,
  jump: true,
  halt: true,
  kill: true,
  reboot: true,
  cutOff: true,
  killAt: true,
} satisfies Readonly<Record<PlainKind, true>>;

/** Every row that a complete table has. */
const ROWS: readonly string[] = [
  ...Object.keys(PLAIN),
  ...['lostAnswer', 'late', 'slowAnswer', 'refused'].map((kind) => `driverFate ${kind}`),
  ...[...CONTROLLER_METHODS, ...NODE_METHODS].map((method) => `driverFate of ${method}`),
  ...['conflict', 'lostAnswer', 'unreachable'].map((kind) => `apiFate ${kind}`),
];

/** The rows of a step in the table. */
export function rowsOf(step: Step): readonly string[] {
  if (step.do === 'apiFate') return [`apiFate ${step.fate}`];
  return step.do === 'driverFate' ? rowsOfFate(step) : [step.do];
}

/** The rows of what becomes of a call. */
export function rowsOfFate({ method, fate }: { readonly method: string; readonly fate: Fate }): readonly string[] {
  return [`driverFate ${fate.kind}`, `driverFate of ${method}`];
}

interface Count {
  happened: number;
  effects: number;
}

/** How often each kind of step happened, and how often it changed what somebody else met. */
export class Coverage {
  readonly #counts = new Map<string, Count>();

  happened(...rows: readonly string[]): void {
    for (const row of rows) this.#count(row).happened += 1;
  }

  hadEffect(...rows: readonly string[]): void {
    for (const row of rows) this.#count(row).effects += 1;
  }

  add(other: Coverage): void {
    for (const [row, { happened, effects }] of other.#counts) {
      const count = this.#count(row);
      count.happened += happened;
      count.effects += effects;
    }
  }

  /** Rows that never had an effect. */
  idle(): readonly string[] {
    return [...new Set([...ROWS, ...this.#counts.keys()])].filter((row) => this.#count(row).effects === 0);
  }

  /** The table, in lines. */
  lines(): readonly string[] {
    const rows = [...new Set([...ROWS, ...this.#counts.keys()])];
    return rows.map((row) => {
      const { happened, effects } = this.#count(row);
      return `${row.padEnd(32)}${String(happened).padStart(8)} times${String(effects).padStart(8)} effects`;
    });
  }

  #count(row: string): Count {
    const count = this.#counts.get(row) ?? { happened: 0, effects: 0 };
    this.#counts.set(row, count);
    return count;
  }
}
