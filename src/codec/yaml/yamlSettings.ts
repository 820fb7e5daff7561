/** The owner whose readers follow YAML 1.1. */
export const OLD_YAML = 'yaml-1.1';

/** What the options of a module change in how YAML is read. */
export interface YamlSettings {
  /** As YAML 1.1 has it. */
  readonly isOld: boolean;
  /** The root is the list of the documents. */
  readonly hasDocuments: boolean;
}
