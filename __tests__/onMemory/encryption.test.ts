import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../backup/encryption.test.js'));
