/** What the compiler makes of places inside a configuration. Never run: pathTypes.test.ts compiles it. */
import type { DeepReadonly, PathIn, Settable, ValueAt } from '../../interfaces/paths.js';

/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- types held against each other */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<T extends true>(..._types: T[]): void {
  // For the compiler only.
}

interface Settings {
  theme: 'dark' | 'light';
  server: { port: number; host?: string; tls?: { key: string } };
  servers: { name: string; ports: number[] }[];
  'dotted.key': number;
  plugins: Record<string, { on: boolean }>;
  when: string | null;
}

function path(_path: PathIn<Settings>): void {
  // For the compiler only.
}

path('theme');
path('server');
path('server.port');
path('server.tls.key');
path('servers.0');
path('servers.12.name');
path('servers.0.ports.3');
path('plugins');
path('plugins.spelling.on');
path('when');
// @ts-expect-error there is no such member
path('themes');
// @ts-expect-error there is none inside
path('server.prt');
// @ts-expect-error a text has no members
path('theme.length');
// @ts-expect-error items have numbers
path('servers.first');
// @ts-expect-error a key with a dot needs a list of keys
path('dotted.key');
// @ts-expect-error an empty key
path('');

holds<Equal<ValueAt<Settings, 'theme'>, 'dark' | 'light'>>();
holds<Equal<ValueAt<Settings, 'server.port'>, number>>();
holds<Equal<ValueAt<Settings, 'server.host'>, string | undefined>>();
holds<Equal<ValueAt<Settings, 'server.tls.key'>, string | undefined>>();
holds<Equal<ValueAt<Settings, 'servers.0.name'>, string | undefined>>();
holds<Equal<ValueAt<Settings, 'servers.0.ports'>, number[] | undefined>>();
holds<Equal<ValueAt<Settings, 'when'>, string | null>>();
holds<Equal<ValueAt<Settings, readonly ['dotted.key']>, number>>();
holds<Equal<ValueAt<Settings, readonly ['servers', 0, 'name']>, string | undefined>>();
holds<Equal<Settable<Settings, 'server.host'>, string>>();
holds<Equal<Settable<Settings, 'servers.0'>, { name: string; ports: number[] }>>();

// Nothing is known: any path, any value.
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the case
holds<Equal<PathIn<any>, string>>();
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the case
holds<Equal<ValueAt<any, 'a.b'>, any>>();

interface Tree {
  name: string;
  children: Tree[];
}
// A type that contains itself has an end for the compiler.
const deep: PathIn<Tree> = 'children.0.children.1.name';
holds<Equal<ValueAt<Tree, 'children.0.name'>, string | undefined>>();

declare const frozen: DeepReadonly<Settings>;
// @ts-expect-error the value cannot be changed
frozen.server.port = 1;
// @ts-expect-error nor can its lists
frozen.servers.push({ name: 'a', ports: [] });
export const used = [deep, frozen.server.port];
