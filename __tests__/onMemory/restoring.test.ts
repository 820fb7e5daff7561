import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../backup/restoring.test.js'));
