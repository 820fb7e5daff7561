import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../lock/LockManager.test.js'));
