/** Texts of a kind: of itself under `''`, of its fields under their path (`spec.source`; items of lists have no step of their own). */
export type DefinitionTexts = Readonly<Record<string, Readonly<Record<string, string>>>>;
