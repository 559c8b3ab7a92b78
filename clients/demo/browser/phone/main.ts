// The phone page: opens the phone and shows its first screen.
import { showInside } from "./inside.ts";
import { showOutside } from "./outside.ts";
import { openPhone } from "./phone.ts";

const issuer = document.querySelector<HTMLMetaElement>('meta[name="issuer"]')?.content ?? "";

const phone = openPhone(issuer, async (opened) => {
  const { user } = opened;
  await (user ? showInside(opened, user) : showOutside(opened));
});
await phone.goHome();
