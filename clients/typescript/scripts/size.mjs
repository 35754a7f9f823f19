// What an app downloads of the client: bundled and minified by esbuild, compressed by gzip. `npm run size` compares with the table
// in README.md and with a ceiling for each entry; `npm run size -- --write` renews the table.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const entries = [
	{
		label: "`createDrawbridge`, with all that it calls",
		code: 'export { betterAuthToken, createDrawbridge, isProblem } from "./dist/index.js";',
		ceiling: 10_500,
	},
	{
		label: "the same and the hooks of `@drawbridge/client/react`",
		code: 'export { betterAuthToken, createDrawbridge, isProblem } from "./dist/index.js"; export * from "./dist/react/index.js";',
		ceiling: 14_000,
	},
	{
		label: "`createTasksClient` and `unwrap` alone",
		code: 'export { betterAuthToken, createTasksClient, unwrap } from "./dist/index.js";',
		ceiling: 5_500,
	},
	{
		label: "`toInputValue` and `fromInputValue` alone",
		code: 'export { toInputValue, fromInputValue } from "./dist/index.js";',
		ceiling: 1_000,
	},
];

/** gzip itself differs by some bytes from one Node to the next. */
const TOLERANCE = 0.02;

const folder = fileURLToPath(new URL("..", import.meta.url));
const readme = new URL("../README.md", import.meta.url);

async function sizesOf({ label, code, ceiling }) {
	const { outputFiles } = await build({
		stdin: { contents: code, resolveDir: folder },
		bundle: true,
		minify: true,
		write: false,
		format: "esm",
		platform: "browser",
		target: "es2022",
		external: ["react", "@tanstack/react-query"],
		logLevel: "error",
	});
	const [{ contents }] = outputFiles;
	return { label, ceiling, minified: contents.byteLength, gzip: gzipSync(contents, { level: 9 }).byteLength };
}

const sizes = await Promise.all(entries.map(sizesOf));
const bytes = (number) => number.toLocaleString("en-US");
const rows = sizes.map(({ label, minified, gzip }) => `| ${label} | ${bytes(minified)} | ${bytes(gzip)} |`);
const table = ["| | minified, bytes | gzip, bytes |", "| --- | --: | --: |", ...rows].join("\n");
console.log(table);

for (const { label, gzip, ceiling } of sizes)
	if (gzip > ceiling) throw new Error(`${label}: ${gzip} bytes are more than the ceiling of ${ceiling}`);

const text = readFileSync(readme, "utf8");
const recorded = /\| \| minified, bytes \| gzip, bytes \|\n(?:\|.*\n)+/.exec(text);
if (!recorded) throw new Error("README.md has no table of sizes");
if (process.argv.includes("--write")) {
	writeFileSync(readme, text.replace(recorded[0], `${table}\n`));
} else {
	for (const { label, gzip } of sizes) {
		const row = recorded[0].split("\n").find((line) => line.startsWith(`| ${label} |`));
		const told = Number(row?.split("|").at(-2)?.trim().replaceAll(",", ""));
		if (!(Math.abs(told - gzip) <= gzip * TOLERANCE))
			throw new Error(`README.md has ${told} bytes for ${label}, it is ${gzip}: npm run size -- --write`);
	}
}
