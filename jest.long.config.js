/** The same tests with all that `npm test` tries only a part of. */
import shortForm from './jest.config.js';

// What the workers inherit.
process.env.TEST_LONG = '1';

/** @type {import('jest').Config} */
export default { ...shortForm, testTimeout: 600_000 };
