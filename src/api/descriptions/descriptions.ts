/** Texts by definition (`v1.PodSpec`): of itself under `''`, and of its fields. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;
