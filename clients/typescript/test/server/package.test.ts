import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { run } from "./ground.js";
import { block } from "./readme.js";

const folder = fileURLToPath(new URL("../../", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const MINUTES = 5 * 60_000;

/** The versions that the web app runs with, so that the test of today is the test of tomorrow. */
const web = JSON.parse(
	readFileSync(new URL("../../../../services/web/package.json", import.meta.url), "utf8"),
);
const versions: Record<string, string> = { ...web.devDependencies, ...web.dependencies };

let project: string;
const write = async (path: string, text: string) => {
	await mkdir(dirname(join(project, path)), { recursive: true });
	await writeFile(join(project, path), text);
};
const install = (packages: string[]) =>
	run([npm, "install", "--no-audit", "--no-fund", "--prefer-offline", ...packages], {}, project);

/** The project's own compiler, strictly. */
async function compile(files: string[], options: object): Promise<void> {
	const compilerOptions = { strict: true, noEmit: true, target: "es2022", ...options };
	await write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
	await run([process.execPath, "node_modules/typescript/bin/tsc"], {}, project);
}

const BUNDLER = { module: "esnext", moduleResolution: "bundler" };

/** `npm install a b` of the README, with this build for the client and pinned versions for the rest. */
function packagesOf(command: string, tarball: string): string[] {
	const [, list = ""] = /^npm install (.+)$/m.exec(command) ?? [];
	return list.split(" ").map((name) => {
		if (name === "@drawbridge/client") return join(project, tarball);
		const version = versions[name];
		if (!version) throw new Error(`README.md installs ${name}, which the web app does not`);
		return `${name}@${version}`;
	});
}

beforeAll(async () => {
	project = await mkdtemp(join(tmpdir(), "drawbridge-client-"));
	await run([npm, "pack", "--silent", "--pack-destination", project], {}, folder);
	const [tarball = ""] = await readdir(project);
	expect(tarball).toMatch(/^drawbridge-client-\d+\.\d+\.\d+\.tgz$/);
	expect(block("sh", "npm install @drawbridge/client")).toContain("better-auth");
	await write("package.json", '{ "name": "empty", "private": true, "type": "module" }');
	await install([
		...packagesOf(block("sh", "npm install @drawbridge/client"), tarball),
		...packagesOf(block("sh", "npm install @tanstack/react-query"), tarball),
		...["typescript", "@types/react", "@types/node"].map((name) => `${name}@${versions[name]}`),
	]);
}, MINUTES);
afterAll(() => rm(project, { recursive: true, force: true }));

/** What stands around the README's code: somebody who signs up as a browser would, and the end. */
const around = (code: string) => `import { authClient } from "./lib/auth-client";
const { error } = await authClient.signUp.email({
	name: "Ann",
	email: process.env.EMAIL ?? "",
	password: "correct horse battery staple",
});
if (error) throw new Error(JSON.stringify(error));
${code}
drawbridge.tokens.clear();
console.log(JSON.stringify({ made, done, titles: (await drawbridge.tasks.list()).items.map(({ title }) => title) }));
`;

/** The least of what the README takes for there: docs/better-auth.md has the whole. */
const AUTH = `import { betterAuth } from "better-auth";
import { jwt } from "better-auth/plugins";
export const auth = betterAuth({ plugins: [jwt()] });
`;

/** What a browser does with cookies, for one server. */
const COOKIES = `const jar = new Map();
const plain = globalThis.fetch;
globalThis.fetch = async (input, init) => {
	const request = new Request(input, init);
	const ours = request.url.startsWith(process.env.BETTER_AUTH_URL + "/");
	if (ours) request.headers.set("Origin", process.env.BETTER_AUTH_URL);
	if (ours && jar.size) request.headers.set("Cookie", [...jar].map((pair) => pair.join("=")).join("; "));
	const response = await plain(request);
	for (const line of ours ? response.headers.getSetCookie() : []) {
		const [name, ...value] = line.split(";")[0].split("=");
		jar.set(name, value.join("="));
	}
	return response;
};
`;

describe("the package, in an empty project, by its README alone", () => {
	it("holds what it exports, its README, and nothing else", async () => {
		const found = await readdir(join(project, "node_modules/@drawbridge/client"), { recursive: true });
		const others = found.filter((path) => !/^dist([/\\].+)?$/.test(path));
		expect(others.sort()).toEqual(["README.md", "package.json"]);
		expect(found).toContain(join("dist", "schema.d.ts"));
	});

	it(
		"compiles, and runs against a real API and a real Better Auth",
		async () => {
			await write("lib/auth-client.ts", block("ts", "// lib/auth-client.ts"));
			const drawbridge = block("ts", "// lib/drawbridge.ts");
			expect(drawbridge).toContain('"http://localhost:8000"');
			await write("lib/drawbridge.ts", drawbridge.replace("http://localhost:8000", inject("apiUrl")));
			await write("app.tsx", block("tsx", "DrawbridgeProvider"));
			await write("main.ts", around(block("ts", "drawbridge.tasks.create(")));
			await write("lib/drawbridge-server.ts", block("ts", "// lib/drawbridge-server.ts"));
			await write("lib/auth.ts", AUTH);
			await write(
				"next.d.ts",
				'declare module "next/headers" { export function headers(): Promise<Headers>; }',
			);
			const sources = ["main.ts", "app.tsx", "lib/drawbridge-server.ts", "next.d.ts"];
			await compile(sources, { ...BUNDLER, jsx: "react-jsx", skipLibCheck: true });

			await build({
				absWorkingDir: project,
				entryPoints: ["main.ts", "app.tsx"],
				outdir: "out",
				outExtension: { ".js": ".mjs" },
				bundle: true,
				format: "esm",
				platform: "node",
				jsx: "automatic",
				// Packages of React are CommonJS.
				banner: {
					js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
				},
				logLevel: "error",
			});
			await write("cookies.mjs", COOKIES);
			const said = await run(
				[process.execPath, "--import", "./cookies.mjs", "out/main.mjs"],
				{ BETTER_AUTH_URL: inject("authUrl"), EMAIL: `package-${Date.now()}@example.com` },
				project,
			);
			const [title, detail, last = "", ...more] = said.split("\n");
			expect([title, ...more]).toEqual(["Water the plants"]);
			expect(detail).toMatch(/tag/);
			const { made, done, titles } = JSON.parse(last);
			expect(made).toMatchObject({ title: "Water the plants", version: 1, tags: [{ name: "Home" }] });
			expect(done).toMatchObject({ id: made.id, priority: "high", version: 2 });
			expect(titles).toEqual(["Water the plants"]);
		},
		MINUTES,
	);

	it(
		"has types that need no other's: without Node's, and with every file checked",
		async () => {
			await write(
				"types.ts",
				`import { betterAuthToken, createDrawbridge, type Task } from "@drawbridge/client";
			const authClient = { token: async () => ({ data: { token: "" } }) };
			const drawbridge = createDrawbridge({ baseUrl: "/", token: betterAuthToken(authClient) });
			export const task: Promise<Task> = drawbridge.tasks.get("id");`,
			);
			const lib = ["es2023", "dom", "dom.iterable"];
			await compile(["types.ts"], { module: "nodenext", types: [], lib, exactOptionalPropertyTypes: true });
		},
		MINUTES,
	);

	it("is imported where there is no window, and does nothing by that", async () => {
		const entries = ["@drawbridge/client", "@drawbridge/client/react"];
		const program = `globalThis.fetch = () => { throw new Error("it asks for something"); };
			const timers = process.getActiveResourcesInfo().filter((it) => it === "Timeout").length;
			for (const entry of ${JSON.stringify(entries)}) console.log(Object.keys(await import(entry)).length);
			if (process.getActiveResourcesInfo().filter((it) => it === "Timeout").length !== timers) throw new Error("it waits for something");`;
		const said = await run([process.execPath, "--input-type=module", "--eval", program], {}, project);
		expect(
			said
				.split("\n")
				.map(Number)
				.every((count) => count > 5),
		).toBe(true);
	});
});
