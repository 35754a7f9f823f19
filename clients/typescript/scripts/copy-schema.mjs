// tsc reads a `.d.ts` but never writes it to the output, so the built package would point at a file it lacks.
import { copyFileSync } from "node:fs";

copyFileSync(new URL("../src/schema.d.ts", import.meta.url), new URL("../dist/schema.d.ts", import.meta.url));
