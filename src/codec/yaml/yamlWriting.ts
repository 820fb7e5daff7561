/** Writes values as YAML, for whole files and for parts of them. */
import { dump } from 'js-yaml';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { LongStrings, spellStrings } from './yamlSpelling.js';

const INDENT = 2;
const UNLIMITED_WIDTH = -1;
/** Stands for the list without documents: an empty file would look like a damaged one. */
const NO_DOCUMENTS = '# no documents\n';

export interface YamlStyle {
  /** The text on disk, whose spelling of dates and keys is kept. */
  readonly previous?: string | undefined;
  readonly indent?: number;
  /** Whether the dashes of a list stand below its key, not indented. */
  readonly isListFlat?: boolean;
  /** Everything on one line, as between brackets. */
  readonly isFlow?: boolean;
}

export function writeYaml(value: ConfigurationValue, style: YamlStyle = {}): string {
  const { previous, indent = INDENT, isListFlat = false, isFlow = false } = style;
  const longStrings = new LongStrings();
  const text = dump(value, {
    indent,
    seqNoIndent: isListFlat,
    lineWidth: UNLIMITED_WIDTH,
    noRefs: true,
    ...(isFlow ? { flowLevel: 0, quoteStyle: 'double' as const } : {}),
    transform: (documents) => {
      longStrings.takeOut(documents);
      for (const document of documents) spellStrings(document, previous);
    },
  });
  return longStrings.putBack(text);
}

export function writeDocuments(documents: readonly ConfigurationValue[]): string {
  if (documents.length === 0) return NO_DOCUMENTS;
  return documents.map((document) => `---\n${writeYaml(document)}`).join('');
}
