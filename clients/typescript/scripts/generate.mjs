// Everything in the client that follows from the API's documents: types from docs/openapi.json, the hash of that file, and the
// codes of docs/problems.md. The API compares both documents with its code, so the client cannot drift from it unseen.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const docs = new URL("../../../docs/", import.meta.url);
const src = new URL("../src/", import.meta.url);
const write = (name, text) => writeFileSync(new URL(name, src), text);

const openapi = readFileSync(new URL("openapi.json", docs), "utf8");
const head = (from) => `// Made from docs/${from} by \`npm run generate\`.\n`;

const types = await openapiTS(JSON.parse(openapi), { defaultNonNullable: false });
write("schema.d.ts", `${head("openapi.json")}${astToString(types)}`);

const hash = createHash("sha256").update(openapi).digest("hex");
write(
	"generated/openapi-hash.ts",
	`${head("openapi.json")}/** SHA-256 of the OpenAPI document that this client was made from, in hexadecimal. */
export const openapiHash = "${hash}";\n`,
);

const [ofAnswers, ofMembers] = readFileSync(new URL("problems.md", docs), "utf8").split(
	"\n## Members of a body\n",
);
const codes = [...ofAnswers.matchAll(/^### `([a-z_]+)`$/gm)].map(([, code]) => code);
const members = [...ofMembers.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code);
if (codes.length < 40 || members.length < 20) throw new Error("docs/problems.md is not written as it was");
const union = (values) => values.map((value) => `\n\t| "${value}"`).join("");
write(
	"generated/problem-codes.ts",
	`${head("problems.md")}/** What the API can answer instead of what was asked for. See docs/problems.md. */
export type ProblemCode =${union(codes)};

/** What can be wrong with a member of a body: the \`code\` of an entry of \`errors\`. */
export type FieldCode =${union(members)};\n`,
);
