// How the phone answers the SDK's questions about PINs.
import type {
  CreatePinChallenge,
  PinChallenge,
  PinPolicy,
  UserClient,
} from "../../../sdk/types.ts";
import { typePin } from "./pin_pad.ts";
import { wordsFor, wrongPinWords } from "./words.ts";

/** The part of handlers that asks for PINs. */
export interface PinHandlers {
  onPin(challenge: PinChallenge): Promise<void>;
  onCreatePin(challenge: CreatePinChallenge): Promise<void>;
}

const rulesOf = ({ length, maxSimilarDigits, sequencesAllowed }: PinPolicy): string[] => [
  `${length} digits`,
  ...(sequencesAllowed ? [] : ["no sequence such as 12345 or 97531"]),
  ...(maxSimilarDigits > 0 ? [`no digit more than ${maxSimilarDigits} times in a row`] : []),
];

/** Gives the handlers. */
export function pinHandlers(client: UserClient): PinHandlers {
  async function chosen(policy: PinPolicy, problem: string | undefined) {
    const { length } = policy;
    const rules = rulesOf(policy);
    const lead = "Only you know it, and it never leaves this phone.";
    const pin = await typePin({ title: "Choose a PIN", lead, rules, length, problem });
    if (pin === undefined) return undefined;
    const broken = await client.validatePinWithPolicy(pin).then(() => undefined, wordsFor);
    return { pin, broken };
  }

  return {
    async onPin(challenge) {
      const { length } = await client.pinPolicy();
      const problem = wrongPinWords(challenge.error);
      const lead = "Type the PIN of this user on this phone.";
      const pin = await typePin({ title: "Your PIN", lead, length, problem });
      if (pin === undefined) challenge.cancel();
      else challenge.respond(pin);
    },
    async onCreatePin({ policy, error, respond, cancel }) {
      let problem = error && wordsFor(error);
      for (;;) {
        const first = await chosen(policy, problem);
        if (first === undefined) return cancel();
        problem = first.broken;
        if (problem) continue;
        const { length } = policy;
        const again = await typePin({
          title: "Repeat the PIN",
          lead: "Type it once more.",
          length,
        });
        if (again === undefined) return cancel();
        if (again === first.pin) return respond(again);
        problem = "The two were not the same. Choose a PIN again.";
      }
    },
  };
}
