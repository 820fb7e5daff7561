/** The text exposition format of Prometheus, version 0.0.4. */

/** One line of a metric. */
export interface Sample {
  /** What the lines of a histogram have behind its name. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** One metric with everything that is known of it. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

/** The families in their order, each with its HELP and TYPE; one without samples is left out. */
export function expose(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(textOf)
    .join('');
}

function textOf({ name, help, type, samples }: MetricFamily): string {
  const head = `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`;
  return head + samples.map((sample) => lineOf(name, sample)).join('');
}

function lineOf(name: string, { suffix, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${labelText(text)}"`);
  const block = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  return `${name}${suffix ?? ''}${block} ${numberText(value)}\n`;
}

function labelText(value: string | number): string {
  return typeof value === 'number' ? numberText(value) : escaped(value).replaceAll('"', '\\"');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** Go, which reads it, takes every number as JavaScript writes it but the infinite ones. */
function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
