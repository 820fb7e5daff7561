/** What the options of a module change in how YAML is read. */
export interface YamlSettings {
  /** As YAML 1.1 has it. */
  readonly isOld: boolean;
  /** The root is the list of the documents. */
  readonly hasDocuments: boolean;
}
