// Only what Biome cannot see, because it needs types: lost promises and switches that forget a case.
import tseslint from 'typescript-eslint';

// biome-ignore lint/style/noDefaultExport: ESLint reads its configuration from the default export
export default [
  { ignores: ['dist/**', 'node_modules/**', '**/generated/**', '**/*.mjs', '**/*.cjs'] },
  {
    files: ['services/**/*.ts', 'drivers/**/*.ts', 'deploy/**/*.ts', 'test/**/*.ts', 'api-spec/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
];
