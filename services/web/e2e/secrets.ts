import type { Page } from "playwright-core";
import type { Person } from "./person";
import { servers } from "./stack";

/** A JWT, whoever's it is. */
const JWT = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

/** Where a token, the session's key or a password was left by a person's pages: each place in words, never the secret itself. */
export async function secretsLeftBy(person: Person): Promise<string[]> {
	const secrets = await secretsOf(person);
	const told = (text: string) => JWT.test(text) || secrets.some((secret) => text.includes(secret));
	const found: string[] = [];
	for (const page of person.context.pages()) {
		for (const [place, text] of Object.entries(await keptBy(page))) {
			if (told(text)) found.push(`${person.name}: ${place} of ${new URL(page.url()).pathname}`);
		}
	}
	for (const url of person.urls) {
		if (told(decodeURIComponent(url)))
			found.push(`${person.name}: the URL of a request to ${new URL(url).pathname}`);
	}
	return found;
}

/** The same in all that both servers have logged. */
export async function secretsInLogs(people: Person[]): Promise<string[]> {
	const secrets = (await Promise.all(people.map(secretsOf))).flat();
	const found: string[] = [];
	for (const server of ["web", "api"] as const) {
		const log = await servers.log(server);
		if (JWT.test(log) || secrets.some((secret) => log.includes(secret))) found.push(`the log of ${server}`);
	}
	return found;
}

/** What opens a door for this person: the password, and the session cookie with the token in it. */
async function secretsOf({ context, password }: Person): Promise<string[]> {
	const cookies = await context.cookies();
	const sessions = cookies.filter(({ name }) => name.includes("session_token"));
	return [password, ...sessions.map(({ value }) => decodeURIComponent(value).split(".")[0] ?? value)];
}

/** All that scripts of this page have put somewhere, or could read. */
export async function keptBy(page: Page): Promise<Record<string, string>> {
	if (!page.url().startsWith("http")) return {};
	return page.evaluate(async () => {
		async function databases() {
			const all: unknown[] = [];
			for (const { name } of await indexedDB.databases()) {
				if (!name) continue;
				const database = await done(indexedDB.open(name));
				for (const store of database.objectStoreNames) {
					all.push(name, await done(database.transaction(store).objectStore(store).getAll()));
				}
				database.close();
			}
			return all;
		}
		function done<T>(request: IDBRequest<T>) {
			return new Promise<T>((resolve, reject) => {
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error);
			});
		}
		async function cached() {
			const all: string[] = [];
			for (const name of await caches.keys()) {
				const cache = await caches.open(name);
				for (const request of await cache.keys()) {
					all.push(request.url, (await (await cache.match(request))?.text()) ?? "");
				}
			}
			return all;
		}
		return {
			localStorage: JSON.stringify({ ...localStorage }),
			sessionStorage: JSON.stringify({ ...sessionStorage }),
			indexedDB: JSON.stringify(await databases()),
			"cache storage": JSON.stringify(await cached()),
			"cookies that scripts read": document.cookie,
			history: JSON.stringify([location.href, history.state, window.name]),
			document: document.documentElement.outerHTML,
		};
	});
}
