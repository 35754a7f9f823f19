import { inject } from "vitest";
import {
	betterAuthToken,
	createDrawbridge,
	type Drawbridge,
	type DrawbridgeOptions,
} from "../../src/index.js";
import { type Person, signUp } from "./ground.js";

/** Somebody new, and their client. */
export async function newcomer(
	name: string,
	options: Partial<DrawbridgeOptions> & { authUrl?: string } = {},
): Promise<Person & { drawbridge: Drawbridge }> {
	const { authUrl, ...more } = options;
	const person = await signUp(name, authUrl);
	const token = betterAuthToken(person.authClient, { userId: person.id });
	return { ...person, drawbridge: createDrawbridge({ baseUrl: inject("apiUrl"), token, ...more }) };
}

export async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
	const found = [];
	for await (const entry of entries) found.push(entry);
	return found;
}
