import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import type { BetterAuthTokenClient } from "../../src/index.js";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where the databases are, as each side reaches them, and the server's program. */
export interface Ground {
	program: string;
	adminUrl: string;
	betterAuthUrl: string;
	apiUrl: string;
}

declare module "vitest" {
	interface ProvidedContext {
		ground: Ground;
		authUrl: string;
		apiUrl: string;
	}
}

/** A program of ours that is running. */
export interface Running {
	url: string;
	stop(): Promise<void>;
}

type Variables = Record<string, string>;

/** Runs a program to its end, which must be a good one. */
export async function run(command: string[], env: Variables, cwd = repository): Promise<string> {
	const child = start(command, env, cwd);
	const log = heard(child);
	const [code] = await once(child, "close");
	if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${log.join("\n")}`);
	return log.join("\n");
}

export function migrate(ground: Ground): Promise<unknown> {
	const admin = { DATABASE_MIGRATION_URL: ground.adminUrl };
	const betterAuth = { ...admin, DATABASE_URL: ground.betterAuthUrl };
	return run([process.execPath, "services/web/scripts/migrate.mjs"], betterAuth).then(() =>
		run([ground.program, "migrate", "--grant-login"], { ...admin, DATABASE_URL: ground.apiUrl }),
	);
}

/** A real Better Auth with the web app's options, and `changes` over them. */
export async function startBetterAuth(ground: Ground, changes: object = {}): Promise<Running> {
	const child = start([process.execPath, "tests/e2e/better-auth.mjs"], {
		DATABASE_URL: ground.betterAuthUrl,
		BETTER_AUTH_SECRET: "a secret of these tests and of no other place",
		PORT: "0",
		CHANGES: JSON.stringify({ rateLimit: { enabled: false }, ...changes }),
	});
	const line = await lineWith(child, '"listening"');
	return { url: (JSON.parse(line) as { listening: string }).listening, stop: () => stop(child) };
}

/** The real API, for users of a Better Auth. */
export async function startApi(ground: Ground, authUrl: string, more: Variables = {}): Promise<Running> {
	const port = more.API__SERVER__PORT ?? String(await freePort());
	const child = start([ground.program, "serve"], {
		DATABASE_URL: ground.apiUrl,
		BETTER_AUTH_URL: authUrl,
		API__SERVER__HOST: "127.0.0.1",
		API__SERVER__PORT: port,
		API__SERVER__SHUTDOWN_TIMEOUT: "1s",
		API__LOG__FORMAT: "json",
		...more,
	});
	await lineWith(child, '"listening"');
	const url = `http://127.0.0.1:${port}`;
	for (let left = 100; (await fetch(`${url}/health/ready`)).status !== 200; left -= 1) {
		if (left === 0) throw new Error("the API does not become ready");
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	return { url, stop: () => stop(child) };
}

export async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, "close");
	return port;
}

/** Somebody who has signed up, with what a browser would have of them. */
export interface Person {
	/** Better Auth's id. */
	id: string;
	/** As Better Auth's own client, with this person's cookie. */
	authClient: BetterAuthTokenClient;
	signOut(): Promise<void>;
	/** The same person, signed in once more. */
	inAnotherBrowser(): Promise<Person>;
}

let serial = 0;

export function signUp(name: string, authUrl = inject("authUrl")): Promise<Person> {
	serial += 1;
	const email = `${name}-${process.pid}-${Date.now()}-${serial}@example.com`;
	return enter(authUrl, "/sign-up/email", { name, email, password: `of ${name}: correct horse` });
}

async function enter(authUrl: string, door: string, who: { email: string; password: string; name?: string }) {
	const ask = (path: string, init: RequestInit = {}, cookie = "") =>
		fetch(`${authUrl}/api/auth${path}`, {
			...init,
			headers: { Origin: authUrl, "Content-Type": "application/json", ...(cookie ? { Cookie: cookie } : {}) },
		});
	const answer = await ask(door, { method: "POST", body: JSON.stringify(who) });
	if (!answer.ok) throw new Error(`${who.email} is not let in: ${answer.status} ${await answer.text()}`);
	const { user } = (await answer.json()) as { user: { id: string } };
	const cookie = answer.headers
		.getSetCookie()
		.map((one) => one.split(";")[0])
		.join("; ");
	const person: Person = {
		id: user.id,
		authClient: {
			async token({ fetchOptions }) {
				const got = await ask("/token", fetchOptions, cookie);
				if (got.ok) return { data: (await got.json()) as { token: string }, error: null };
				return { data: null, error: { status: got.status } };
			},
		},
		async signOut() {
			const { ok } = await ask("/sign-out", { method: "POST", body: "{}" }, cookie);
			if (!ok) throw new Error(`${who.email} cannot sign out`);
		},
		inAnotherBrowser: () => enter(authUrl, "/sign-in/email", who),
	};
	return person;
}

function start([command = "", ...rest]: string[], env: Variables, cwd = repository): ChildProcess {
	const { PATH = "", HOME = "" } = process.env;
	return spawn(command, rest, { cwd, env: { PATH, HOME, ...env }, stdio: ["pipe", "pipe", "pipe"] });
}

function heard(child: ChildProcess): string[] {
	const log: string[] = [];
	for (const stream of [child.stdout, child.stderr])
		if (stream) createInterface(stream).on("line", (line) => log.push(line));
	return log;
}

function lineWith(child: ChildProcess, text: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const log = heard(child);
		child.once("error", reject);
		child.once("close", () => reject(new Error(`it never said ${text}:\n${log.join("\n")}`)));
		for (const stream of [child.stdout, child.stderr])
			if (stream)
				createInterface(stream).on("line", (line) => {
					if (line.includes(text)) resolve(line);
				});
	});
}

async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	child.kill("SIGTERM");
	await once(child, "exit");
}
