// Procedures that are counted: how often each was called, how it ended, how long it took.
import type { Meter } from "../core/meter.ts";
import { Failed } from "./answer.ts";
import type { Procedure } from "./procedure.ts";

const endOf = (error: unknown): string => (error instanceof Failed ? error.reason : "UNSPECIFIED");

/** Gives the procedure, which tells `meter` of every call once it has ended. */
export function metered(procedure: Procedure, meter: Meter): Procedure {
  const { name } = procedure.method;
  if (!procedure.stream) {
    return {
      ...procedure,
      async call(bytes, call) {
        const start = performance.now();
        let end = "OK";
        try {
          return await procedure.call(bytes, call);
        } catch (error) {
          end = endOf(error);
          throw error;
        } finally {
          meter.called(name, end, performance.now() - start);
        }
      },
    };
  }
  return {
    ...procedure,
    async *call(bytes, call) {
      const start = performance.now();
      let end = "OK";
      try {
        yield* procedure.call(bytes, call);
      } catch (error) {
        end = endOf(error);
        throw error;
      } finally {
        meter.called(name, end, performance.now() - start);
      }
    },
  };
}
