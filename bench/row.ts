/** One figure of the benchmark; the ratio to its peer is printed beside it. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: { readonly name: string; readonly value: number };
}

/** The row as a line: name, value, unit, and how many times the peer it is. */
export function formatRow({ name, value, unit, peer }: BenchRow): string {
  const figure = `${name.padEnd(62)} ${value.toFixed(value < 10 ? 2 : 0).padStart(10)} ${unit}`;
  return peer === undefined ? figure : `${figure.padEnd(86)} ${(value / peer.value).toFixed(1)}x ${peer.name} (${peer.value} ${unit})`;
}
