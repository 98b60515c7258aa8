// The one policy by which strings become HTML (Trusted Types): htmx parses what this server rendered, in which everything of others is
// escaped. There is no policy for scripts, so that no string ever becomes one.
"use strict";
if (globalThis.trustedTypes) {
  trustedTypes.createPolicy("default", { createHTML: (html) => html });
}
