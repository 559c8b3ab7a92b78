// A scan without a camera: a picture of a QR code, or its text.
import decodeQR from "qr/decode.js";
import { button, field, form, make, row } from "../elements.ts";
import { show, warn } from "../screen.ts";

const mostPixels = 2_000;
const decodeMs = 3_000;

/** Gives the text of the QR code in a picture; undefined when there is none that can be read. */
async function textOf(picture: Blob): Promise<string | undefined> {
  try {
    const bitmap = await createImageBitmap(picture);
    const scale = Math.min(1, mostPixels / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.ceil(side * scale));
    const canvas = make("canvas", { width, height });
    const context = canvas.getContext("2d");
    if (!context) return undefined;
    // What is transparent is meant to be light.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    return decodeQR(image, { timeLimit: decodeMs });
  } catch {
    // No picture, or no code in it: for the user that is one and the same.
    return undefined;
  }
}

/** Shows the scanner. Resolves with the text of a code; undefined when the user goes back. */
export function scan(): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const text = make("textarea", { rows: "4", spellcheck: "false", autocomplete: "off" });
  const file = make("input", { type: "file", accept: "image/*" });

  const take = async (picture: Blob | null | undefined): Promise<void> => {
    if (!picture) return;
    const found = await textOf(picture);
    if (found !== undefined) return resolve(found);
    file.value = "";
    warn(
      "There is no QR code to be read in this picture. Take one of the whole code, with its margin.",
    );
  };
  const submit = (): void => {
    if (text.value.trim()) {
      resolve(text.value.trim());
      return;
    }
    warn("There is no text yet. Copy the text of the code at the portal, and paste it here.");
    text.focus();
  };
  file.addEventListener("change", () => void take(file.files?.[0]));
  const drop = make(
    "div",
    { class: "drop" },
    field("Picture of the code", file, "Choose a file, drop one here, or paste a screenshot."),
  );
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    void take(event.dataTransfer?.files[0]);
  });
  const whole = make("div", { class: "stack" });
  whole.addEventListener("paste", (event) => void take(event.clipboardData?.files[0]));
  whole.append(
    make("p", { class: "lead" }, "This phone has no camera. Give it the code in another way."),
    drop,
    form(
      submit,
      field("Text of the code", text, "The portal has it below the picture."),
      row(
        make("button", { class: "main" }, "Use this text"),
        button("Back", () => resolve(undefined), "quiet"),
      ),
    ),
  );
  show("Scan a code", whole);
  return promise;
}
