import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../messaging/requests.test.js'));
