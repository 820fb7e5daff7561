import tseslint from 'typescript-eslint';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';

// Imports point downwards only: a layer may use the layers named after it, never one named before it.
const layers = [
  ['src/index.ts', 'src/memory.ts', 'src/opentelemetry.ts', 'src/rcc-basemodule.ts'],
  ['src/ConfigPersistenceModule.ts'],
  ['src/withConfigPersistence.ts', 'src/openConfiguration.ts'],
  ['src/hostedParts.ts'],
  ['src/published', 'src/handle'],
  ['src/ConfigPersistence.ts'],
  ['src/PersistenceRuntime.ts'],
  ['src/compose.ts'],
  ['src/operationReports.ts'],
  ['src/messaging', 'src/options'],
  ['src/health'],
  ['src/backup', 'src/version', 'src/transfer', 'src/history', 'src/metrics', 'src/live'],
  ['src/engine'],
  ['src/framework', 'src/cache', 'src/codec', 'src/lock', 'src/schema', 'src/packing'],
  ['src/storage/local', 'src/storage/memory'],
  ['src/storage/port'],
  ['src/edits'],
  ['src/comparison'],
  ['src/logging'],
  ['src/value'],
  ['src/errors'],
  ['interfaces'],
  ['constants'],
];

const zones = layers.flatMap((lower, index) => {
  const above = layers.slice(0, index).flat();
  const siblings = lower.flatMap((target) =>
    lower.filter((from) => from !== target).map((from) => ({ target, from, message: 'Sibling layers do not meet.' })),
  );
  // The enums import nothing, and the constants are their aliases.
  const except = lower.includes('constants') ? { except: ['enums.ts'] } : {};
  const upwards =
    above.length > 0 ? [{ target: lower, from: above, message: 'Imports point downwards only.', ...except }] : [];
  return [...upwards, ...siblings];
});

// Everything above the stores knows the port; which store it is, only the composition root knows.
const roots = ['src/compose.ts', 'src/memory.ts'];
const aboveStores = layers
  .slice(
    0,
    layers.findIndex((layer) => layer.includes('src/storage/local')),
  )
  .flat();
zones.push({
  target: aboveStores.filter((layer) => !roots.includes(layer)),
  from: ['src/storage/local', 'src/storage/memory'],
  message: 'Above the stores only their port is known.',
});

const productFiles = ['src/**/*.ts', 'interfaces/**/*.ts', 'constants/**/*.ts'];

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', 'docs/api'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createNodeResolver({ extensions: ['.ts', '.js'], extensionAlias: { '.js': ['.ts', '.js'] } }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreVoidReturningFunctions: true, ignoreArrowShorthand: true },
      ],
      eqeqeq: 'error',
      'max-depth': ['error', 3],
    },
  },
  {
    files: productFiles,
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      'no-console': 'error',
      'max-lines': ['error', { max: 400 }],
    },
  },
  {
    // A table of values, which the contract wants in one file.
    files: ['constants/**/*.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    // The public face: one method for each operation, and nothing in them.
    files: ['src/ConfigPersistence.ts', 'interfaces/IConfigPersistenceModule.ts'],
    rules: { 'max-lines': ['error', { max: 500 }] },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-magic-numbers': ['error', { ignore: [-1, 0, 1, 2], ignoreEnums: true }],
    },
  },
  {
    // Everything that touches the file system stands behind the storage layer.
    files: productFiles,
    ignores: ['src/storage/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(node:)?fs(/promises)?$', message: 'Use src/storage.' }] },
      ],
    },
  },
  {
    files: ['__tests__/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // The module extends its base class by a mixin, which this rule does not see.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
);
