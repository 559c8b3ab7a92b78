// Counters for the people on call, in the text form that Prometheus reads.
import { monitorEventLoopDelay } from "node:perf_hooks";

/** Counts what a process serves. Disposing ends its watch over the event loop. */
export interface Meter extends Disposable {
  /**
   * Counts a call of a method of the contract with its end (`OK`, or the reason of its refusal) and its
   * duration in milliseconds.
   */
  called(method: string, end: string, milliseconds: number): void;
  /** Gives all figures as text. The loop's delay is that since the last reading, whoever read. */
  text(): string;
}

interface Tally {
  calls: number;
  milliseconds: number;
}

const line = (name: string, labels: string, value: number): string =>
  `gatewright_${name}${labels === "" ? "" : `{${labels}}`} ${value}`;

/**
 * Gives a meter. Its memory is bounded by the contract: methods and reasons are all the labels there
 * are. Source: the Prometheus text exposition format, version 0.0.4.
 */
export function openMeter(): Meter {
  const tallies = new Map<string, Tally>();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return {
    called(method, end, milliseconds) {
      const labels = `method="${method}",end="${end}"`;
      const tally = tallies.get(labels);
      if (tally) {
        tally.calls += 1;
        tally.milliseconds += milliseconds;
      } else tallies.set(labels, { calls: 1, milliseconds });
    },
    text() {
      const { user, system } = process.cpuUsage();
      const lines = [
        "# TYPE gatewright_calls_total counter",
        ...[...tallies].map(([labels, { calls }]) => line("calls_total", labels, calls)),
        "# TYPE gatewright_call_seconds_total counter",
        ...[...tallies].map(([labels, tally]) =>
          line("call_seconds_total", labels, tally.milliseconds / 1000),
        ),
        "# TYPE gatewright_cpu_seconds_total counter",
        line("cpu_seconds_total", "", (user + system) / 1e6),
        "# TYPE gatewright_memory_bytes gauge",
        line("memory_bytes", "", process.memoryUsage.rss()),
        "# TYPE gatewright_event_loop_delay_seconds gauge",
        line("event_loop_delay_seconds", 'quantile="0.5"', delay.percentile(50) / 1e9),
        line("event_loop_delay_seconds", 'quantile="0.99"', delay.percentile(99) / 1e9),
      ];
      delay.reset();
      return `${lines.join("\n")}\n`;
    },
    [Symbol.dispose]: () => void delay.disable(),
  };
}
