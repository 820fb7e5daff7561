/** What `updateConfiguration` makes of a function that changes its argument, returns something, or does both. */
import { join } from 'node:path';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

let module: ConfigPersistenceModule;
let path: string;

interface Settings {
  port: number | Date;
  host: string;
  server: { name: string };
  posts: string[];
}
/** What people write, whatever the compiler says of it. */
type Written = (draft: Settings & { port: number }) => unknown;

const BEFORE: Settings = { port: 80, host: 'localhost', server: { name: 'a' }, posts: ['first'] };

beforeEach(async () => {
  const folder = temporaryFolder();
  path = join(folder, 'app.json');
  module = await startModule(folder);
  await module.saveConfiguration(BEFORE);
});

async function refused(mutate: Written): Promise<void> {
  const { checksum } = await module.loadConfiguration();
  await expect(module.updateConfiguration(mutate)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
  expect(await module.loadConfiguration()).toMatchObject({ checksum, data: BEFORE });
  expect(await module.getVersionHistory()).toHaveLength(1);
}

describe('a short arrow function that returns what its statement came to is refused, and nothing is written', () => {
  it.each<[string, Written]>([
    ['an assigned number', (draft) => (draft.port = 9)],
    ['a counter', (draft) => draft.port++],
    ['what delete answers', (draft) => delete (draft as Partial<Settings>).host],
    ['a text', (draft) => (draft.host += 'x')],
    ['the length that push answers', ({ posts }) => posts.push('b')],
    ['a part of the draft that was edited', (draft) => Object.assign(draft.server, { name: 'b' })],
    ['a scalar without any edit', () => 5],
    ['a scalar that is promised', (draft) => Promise.resolve(draft.port + 1)],
    ['a whole configuration beside an edit', (draft) => ((draft.port = 9), { ...draft })],
    [
      'an edit that took a value out of the domain',
      (draft) => (Object.assign(draft, { port: new Date(0) }), { other: true }),
    ],
  ])('%s', (_what, mutate) => refused(mutate));
});

describe('a function that says one thing', () => {
  it.each<[string, Written, unknown]>([
    ['an edit', (draft) => void (draft.port = 9), { ...BEFORE, port: 9 }],
    ['an edit, and the draft itself returned', (draft) => ((draft.port = 9), draft), { ...BEFORE, port: 9 }],
    ['a new configuration, the draft left alone', (draft) => ({ ...draft, port: 9 }), { ...BEFORE, port: 9 }],
    ['another kind of root', () => ['list'], ['list']],
  ])('is taken at its word: %s', async (_what, mutate, expected) => {
    await module.updateConfiguration(mutate);
    expect((await module.loadConfiguration()).data).toEqual(expected);
  });

  it('may return a scalar where the configuration is one', async () => {
    await module.saveConfiguration(1);
    await module.updateConfiguration<number>((count) => count + 1);
    expect((await module.loadConfiguration()).data).toBe(2);
  });

  it('is held to the same where there was no file and initial is given', async () => {
    const file = join(path, '..', 'other.json');
    const initial = { count: 0 };
    const mutate = (draft: typeof initial) => (draft.count = 1) as never;
    const update = module.updateConfiguration(mutate, file, { initial });
    await expect(update).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    await expect(module.loadConfiguration(file)).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  });
});
