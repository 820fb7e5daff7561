// Removes the named output folders of this project, so that no stale build is tested or packed.
import { rmSync } from 'node:fs';
import { join } from 'node:path';

for (const folder of process.argv.slice(2)) {
  rmSync(join(import.meta.dirname, '..', folder), { recursive: true, force: true });
}
