// The server's log as people read it: what happened first, then the facts.

const factLength = 160;

const factText = (value: unknown): string => {
  const isWord = typeof value === "string" && /^[^\s"=]+$/.test(value);
  const text = isWord ? value : JSON.stringify(value);
  return text.length > factLength ? `${text.slice(0, factLength)}…` : text;
};

/** Gives a line of the server's log as time, level, event and facts; no JSON stays as it is. */
export function readable(line: string): string {
  try {
    const { time, level, event, ...facts } = JSON.parse(line) as Record<string, unknown>;
    const rest = Object.entries(facts).map(([name, value]) => `${name}=${factText(value)}`);
    return [String(time).slice(11, 23), level, event, ...rest].join(" ");
  } catch {
    // A line of Node's own, such as one of a stack.
    return line;
  }
}
