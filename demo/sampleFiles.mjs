// @ts-check
// The six sample files, each with an edit as its users make it: one value changed, one added.

/** @import { ConfigurationObject, ConfigurationValue } from 'rcc-config-persistence' */

/**
 * @typedef {object} SampleFile
 * @property {string} name In the folder `fixtures`.
 * @property {(value: ConfigurationObject) => void} edit Changes the value in place, at two leaves.
 */

/** In the order of conversion: each is saved in the format of the next one, the last in that of the first. @type {SampleFile[]} */
export const SAMPLE_FILES = [
  {
    name: 'app-manifest.json',
    edit(manifest) {
      set(manifest, ['application', 'server', 'port'], 9443);
      add(manifest, ['application', 'features'], 'berth.waitlist', true);
    },
  },
  {
    name: 'compose.yaml',
    edit(compose) {
      set(compose, ['services', 'web', 'deploy', 'resources', 'limits', 'memory'], '1024M');
      add(compose, ['services', 'tides', 'environment'], 'UNIT', 'm');
    },
  },
  {
    name: 'service.toml',
    edit(service) {
      set(service, ['service', 'limits', 'requests-per-second'], 17.5);
      add(service, ['forecast'], 'smoothing', 'spline');
    },
  },
  {
    name: 'runtime.ini',
    edit(runtime) {
      set(runtime, ['Runtime', 'memory_limit'], '192M');
      add(runtime, ['database', 'archive'], 'retries', 4);
    },
  },
  {
    name: 'logging.properties',
    edit(logging) {
      // This logger has loggers below it, so its own level is the member `~` of the object.
      set(logging, ['log4j', 'logger', 'example', 'quay', 'solver', '~'], 'INFO, rolling');
      add(logging, ['log4j', 'appender', 'console'], 'Threshold', 'DEBUG');
    },
  },
  {
    name: 'web-app.xml',
    edit(descriptor) {
      set(descriptor, ['web-app', 'session-config', 'session-timeout'], 45);
      add(descriptor, ['web-app', 'session-config', 'cookie-config'], 'max-age', 28800);
    },
  },
];

/** Replaces a leaf that must be there. @param {ConfigurationValue} root @param {string[]} path @param {ConfigurationValue} leaf */
function set(root, path, leaf) {
  const [parent, key] = [objectAt(root, path.slice(0, -1)), path.at(-1) ?? ''];
  if (!Object.hasOwn(parent, key)) throw new TypeError('The sample file has no such key.');
  parent[key] = leaf;
}

/** Adds a leaf that must not be there yet. @param {ConfigurationValue} root @param {string[]} path @param {string} key @param {ConfigurationValue} leaf */
function add(root, path, key, leaf) {
  const parent = objectAt(root, path);
  if (Object.hasOwn(parent, key)) throw new TypeError('The sample file has this key already.');
  parent[key] = leaf;
}

/** @param {ConfigurationValue} root @param {string[]} path @returns {ConfigurationObject} */
function objectAt(root, path) {
  let current = root;
  for (const key of path) {
    current = isObject(current) ? (current[key] ?? null) : null;
  }
  if (!isObject(current)) throw new TypeError('The sample file has no object there.');
  return current;
}

/** @param {ConfigurationValue} value @returns {value is ConfigurationObject} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
