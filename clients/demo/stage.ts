// What the person in front of the terminal sees: sections, steps, and each exchange with its time.
import type { Witness } from "./exchange.ts";
import { Unexpected } from "./expectation.ts";
import { columnsOf, openPage, timeWidth } from "./page.ts";
import type { Recorded } from "./record.ts";
import { openRecorder } from "./record.ts";

/** Where the demo is shown. */
export interface Stage {
  /** Told of every exchange; those within a step are shown with it. */
  readonly witness: Witness;
  /** Names the server, whose exchanges are shown by their path alone. */
  name(serverUrl: string): void;
  title(text: string, ...lines: readonly string[]): void;
  section(text: string): void;
  /** Shows a list of long lines; what does not fit in one goes on further in. */
  listing(title: string, lines: readonly string[]): void;
  /** Shows a name with its value, and the time it took when there is one to show. */
  fact(name: string, value: string, ms?: number): void;
  /**
   * Shows a picture, painted white on black where there are colours, with lines of text beside it.
   */
  picture(lines: readonly string[], beside: readonly string[]): void;
  /**
   * Runs a step and gives its result. Shows its title, its exchanges and what it says. When it
   * throws, that is shown too, and StepFailed is thrown; Stopped when the demo is to end.
   */
  step<T>(title: string, run: (say: (text: string) => void) => Promise<T>): Promise<T>;
  /** Shows lines as they are, indented. */
  text(...lines: readonly string[]): void;
  /** Steps and exchanges so far. */
  count(): { readonly steps: number; readonly exchanges: number };
}

/** A step did not go as it should, and that was shown. */
export class StepFailed extends Error {}

/** The person has seen enough. */
class Stopped extends Error {}

const indent = "     ";
// Of an id its beginning tells it apart, and the line has room for that.
const uuid = /\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/** Gives expected and got, or what was thrown and why. */
function faultLines(error: unknown): readonly [string, ...string[]] {
  if (error instanceof Unexpected) return [`expected  ${error.expected}`, `got       ${error.got}`];
  const { message, cause } = error as Error;
  return [cause instanceof Error ? `${message}: ${cause.message}` : message];
}

/** Opens the stage on a stream. After the signal no step begins, and none is shown as failed. */
export function openStage(stream: NodeJS.WriteStream, signal: AbortSignal): Stage {
  const { width, paint, put, putTimed, putWrapped } = openPage(stream);
  const recorder = openRecorder();
  let server = "";
  let steps = 0;

  const putExchange = ({ method, url, isInner, status, ms }: Recorded): void => {
    const whole = url.startsWith(`${server}/`) ? url.slice(server.length) : url;
    const path = whole.replace(uuid, "$1…");
    const mark = paint("dim", `${indent}${isInner ? "↳ " : ""}`);
    const sent = `${mark}${paint("cyan", method)} ${path}`;
    const answered = status === undefined ? "no answer" : String(status);
    const gap = Math.max(width - timeWidth - columnsOf(sent) - answered.length, 1);
    putTimed(`${sent}${" ".repeat(gap)}${paint("bold", answered)}`, ms);
  };
  const putMarked = (mark: string, text: string): void =>
    putWrapped(text, `${indent}${mark} `, `${indent}  `);

  return {
    witness: recorder.witness,
    name(serverUrl) {
      server = serverUrl;
    },
    title(text, ...lines) {
      put(`\n  ${paint("bold", text)}`);
      for (const line of lines) putWrapped(line, "  ", "  ");
    },
    section(text) {
      put(`\n  ${paint(["bold", "magenta"], text)}`);
      put(`  ${paint("dim", "─".repeat(width - 2))}`);
    },
    listing(title, lines) {
      put(`\n  ${paint("bold", title)}`);
      for (const line of lines) putWrapped(line, "  ", "      ");
    },
    fact: (name, value, ms) => putTimed(`  ${paint("dim", name.padEnd(13))} ${value}`, ms),
    picture(lines, beside) {
      const top = Math.floor((lines.length - beside.length) / 2);
      put();
      for (const [index, line] of lines.entries()) {
        const text = beside[index - top] ?? "";
        put(`${indent}${paint(["whiteBright", "bgBlack"], line)}${text && `   ${text}`}`);
      }
    },
    async step(title, run) {
      if (signal.aborted) throw new Stopped();
      steps += 1;
      put(`\n  ${paint("dim", String(steps).padStart(2))} ${paint("bold", title)}`);
      recorder.take();
      const said: string[] = [];
      try {
        const result = await run((text) => said.push(text));
        recorder.take().forEach(putExchange);
        for (const text of said) putMarked(paint("green", "✔"), text);
        return result;
      } catch (error) {
        // A server that is draining refuses what the step still wanted of it.
        if (signal.aborted) throw new Stopped();
        recorder.take().forEach(putExchange);
        const [first, ...more] = faultLines(error);
        putMarked(paint("red", "✖"), first);
        for (const line of more) putMarked(" ", line);
        throw new StepFailed(title);
      }
    },
    text(...lines) {
      for (const line of lines) put(line && `  ${line}`);
    },
    count: () => ({ steps, exchanges: recorder.count() }),
  };
}
