// What a phone asks its user, on the terminal or by lines of stdin.
import { createInterface } from "node:readline/promises";
import { UsageFault } from "../command.ts";

/** How a user is asked. An answer is undefined when there is none any more. */
export interface Questions {
  /** Asks for something that is not shown while it is typed. */
  secret(question: string): Promise<string | undefined>;
  /** Asks for a text; undefined at once where nobody can be asked. */
  text(question: string): Promise<string | undefined>;
  /** Whether a person sits there. */
  readonly isTerminal: boolean;
}

// Ctrl-C and Ctrl-D, which a terminal that echoes nothing leaves to its reader.
const giveUp: ReadonlySet<string> = new Set(["\u0003", "\u0004"]);
const enter: ReadonlySet<string> = new Set(["\r", "\n"]);
const erase: ReadonlySet<string> = new Set(["\u007f", "\b"]);

/** Reads a line from the terminal without an echo; undefined when the user gives up by Ctrl-C or Ctrl-D. */
function typedSecretly(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  // The echo ends before anybody is asked to type.
  stdin.setRawMode(true);
  stderr.write(question);
  stdin.setEncoding("utf8");
  stdin.resume();
  return new Promise((resolve) => {
    let typed = "";
    const end = (answer: string | undefined): void => {
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      resolve(answer);
    };
    const take = (keys: string): void => {
      for (const key of keys) {
        const isEnd = enter.has(key) || giveUp.has(key);
        if (isEnd) {
          end(giveUp.has(key) ? undefined : typed);
          return;
        }
        typed = erase.has(key) ? typed.slice(0, -1) : typed + key;
      }
    };
    stdin.on("data", take);
  });
}

async function typed(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const gone = Promise.withResolvers<undefined>();
  lines.once("close", () => gone.resolve(undefined));
  try {
    return await Promise.race([lines.question(question), gone.promise]);
  } finally {
    lines.close();
  }
}

/** Asks on the terminal. Without one there is nobody to ask. */
const onTerminal: Questions = {
  isTerminal: true,
  secret: typedSecretly,
  text: typed,
};

const withoutTerminal: Questions = {
  isTerminal: false,
  async secret() {
    throw new UsageFault(
      "there is no terminal to ask for the PIN; --pin-stdin takes it from stdin",
    );
  },
  text: async () => undefined,
};

/** Takes a line of stdin for each secret. They are read at once, so that nothing is left for others. */
function byLines(): Questions {
  let lines: Promise<string[]> | undefined;
  async function all(): Promise<string[]> {
    process.stdin.setEncoding("utf8");
    let text = "";
    for await (const piece of process.stdin) text += piece;
    return text.split(/\r?\n/).filter((line) => line !== "");
  }
  return {
    isTerminal: false,
    async secret() {
      lines ??= all();
      return (await lines).shift();
    },
    text: async () => undefined,
  };
}

/** Gives how the user of a phone is asked. */
export function questionsOf(isByLines: boolean): Questions {
  if (isByLines) return byLines();
  return process.stdin.isTTY && process.stderr.isTTY ? onTerminal : withoutTerminal;
}
