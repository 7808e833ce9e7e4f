/**
 * A field of the facts: its name in JSON, number, type and label, and letters for what Go makes of it (testing/programs/protobuf):
 * p = a pointer, v = a struct that is always there, i = its members stand beside the others in JSON, r = in JSON even where it is empty.
 */
export type FieldFacts = readonly [name: string, number: number, type: string, label: string, letters: string];
