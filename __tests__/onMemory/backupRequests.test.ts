import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../messaging/backupRequests.test.js'));
