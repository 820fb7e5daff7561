import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../version/versions.test.js'));
