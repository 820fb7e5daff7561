import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../lock/reentry.test.js'));
