// REST_TEMPLATE: made of its class when a script first looks at it.
import { freeze, hide, hideComputed } from "./builtins.js";
import { findClass } from "./java_classes.js";

const className = "org.springframework.web.client.RestTemplate";

const place = (value) => hide(globalThis, "REST_TEMPLATE", value);

const make = () => {
  const template = freeze(new (findClass(className))());
  place(template);
  return template;
};
hideComputed(globalThis, "REST_TEMPLATE", make, place);
