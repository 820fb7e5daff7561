/**
 * Values that their owner takes for templates, as Python's configparser does where nobody has switched that off: `%%` stands
 * for a percent sign, and `%(name)s` for the value of another key.
 *
 * A text without such a name is read as what it stands for. One with names stays as it is written, `%%` included, because
 * what it stands for is more than a text.
 */

const REFERENCE = /%\([^()]*\)s/;
const TEMPLATE = /^(?:[^%]|%%|%\([^()]*\)s)*$/;

export function readTemplate(text: string): string {
  return REFERENCE.test(text.replaceAll('%%', '')) ? text : text.replaceAll('%%', '%');
}

/** Undefined where the owner would stop at a percent sign. */
export function writeTemplate(text: string): string | undefined {
  if (!text.includes('%')) return text;
  if (REFERENCE.test(text.replaceAll('%%', ''))) return TEMPLATE.test(text) ? text : undefined;
  return text.replaceAll('%', '%%');
}
