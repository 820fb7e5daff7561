/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  collectCoverageFrom: ['src/**/*.ts', 'constants/**/*.ts', 'interfaces/**/*.ts'],
  coverageReporters: ['text-summary', 'json-summary'],
  // One more than the cores of the machine that CI has: the tests often wait for the disk.
  maxWorkers: 3,
  // Modules of ended tests stay in a worker's memory. One that has grown to a gigabyte takes longer to end than Jest waits,
  // which it then calls a leak; a new one costs less than to clear the old one's memory again and again.
  workerIdleMemoryLimit: '400MB',
  testTimeout: 120_000,
};
