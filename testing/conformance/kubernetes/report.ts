import { isRecord } from '#kit/json.ts';

/** How a test of the suite ended. */
export interface Outcome {
  readonly name: string;
  readonly sig: string;
  readonly state: 'passed' | 'failed';
  readonly why: string;
}

/** A test that can't pass on a storage platform of one machine. */
export interface Listed {
  /** Part of its name. */
  readonly test: string;
  /** What is missing, for whoever reads the list. */
  readonly reason: string;
}

/** What a run means beside the list. */
export interface Judgement {
  /** Failed and not listed. */
  readonly failed: readonly Outcome[];
  /** Passed although listed: the entry goes. */
  readonly surprises: readonly Outcome[];
  /** By sig: how many ran, passed, failed as listed. */
  readonly sigs: ReadonlyMap<string, { readonly ran: number; readonly passed: number; readonly listed: number }>;
}

/** The tests that ran, out of ginkgo's report (`--json-report`, types.Report). */
export function readReport(report: unknown): readonly Outcome[] {
  const suites = Array.isArray(report) ? report.filter(isRecord) : [];
  return suites.flatMap(({ SpecReports }) => (Array.isArray(SpecReports) ? SpecReports.filter(isRecord).flatMap(outcomeOf) : []));
}

function outcomeOf(spec: Readonly<Record<string, unknown>>): readonly Outcome[] {
  const { LeafNodeType, LeafNodeText, ContainerHierarchyTexts, State, Failure } = spec;
  if (LeafNodeType !== 'It' || State === 'skipped' || State === 'pending') return [];
  const texts = [...(Array.isArray(ContainerHierarchyTexts) ? ContainerHierarchyTexts : []), LeafNodeText];
  const name = texts.filter((text) => typeof text === 'string').join(' ');
  const why = isRecord(Failure) && typeof Failure['Message'] === 'string' ? Failure['Message'] : '';
  return [{ name, sig: /\[sig-([a-z-]+)\]/.exec(name)?.[1] ?? 'other', state: State === 'passed' ? 'passed' : 'failed', why }];
}

/** Holds the outcomes against the list. */
export function judge(outcomes: readonly Outcome[], list: readonly Listed[]): Judgement {
  const isListed = ({ name }: Outcome): boolean => list.some(({ test }) => name.includes(test));
  const sigs = new Map<string, { ran: number; passed: number; listed: number }>();
  for (const outcome of outcomes) {
    const sig = sigs.get(outcome.sig) ?? { ran: 0, passed: 0, listed: 0 };
    sig.ran += 1;
    if (outcome.state === 'passed') sig.passed += 1;
    else if (isListed(outcome)) sig.listed += 1;
    sigs.set(outcome.sig, sig);
  }
  return {
    failed: outcomes.filter((outcome) => outcome.state === 'failed' && !isListed(outcome)),
    surprises: outcomes.filter((outcome) => outcome.state === 'passed' && isListed(outcome)),
    sigs,
  };
}

const COLUMNS = ['sig', 'ran', 'passed', 'listed', 'failed'] as const;

/** The lines of a table: what ran, passed, failed as listed and failed otherwise, by sig and in all. */
export function tableOf({ sigs }: Judgement): readonly string[] {
  const counts = [...sigs].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([sig, count]) => ({ sig, ...count }));
  const sum = (key: 'ran' | 'passed' | 'listed'): number => counts.reduce((total, count) => total + count[key], 0);
  const all = { sig: 'all', ran: sum('ran'), passed: sum('passed'), listed: sum('listed') };
  const rows = [...counts, all].map((row) => [row.sig, row.ran, row.passed, row.listed, row.ran - row.passed - row.listed].map(String));
  const widths = COLUMNS.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [[...COLUMNS], ...rows].map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  );
}
