// One mutation: a guard taken out of the sources by a change of text, and the tests that must notice. The change is made while the file is
// loaded (patch-at-load.mjs), so the sources have no switch for it and the files stay as they are.

export interface Mutation {
  /** Stable, kebab-case, for the command line. */
  readonly name: string;
  /** Path from the root of the project. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Which of them must go red: files, and the part of the titles (mocha's --grep, a regular expression). */
  readonly tests: { readonly files: readonly string[]; readonly grep: string };
}
