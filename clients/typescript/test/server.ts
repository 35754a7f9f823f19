import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { BetterAuthTokenClient } from "../src/index.js";

export interface Received {
	method: string;
	url: string;
	headers: IncomingMessage["headers"];
	body: string;
}

export type Answer = (request: Received, response: ServerResponse) => unknown;

/** An HTTP server on a free port that keeps what it was asked and answers as told. */
export async function startServer(answer: Answer) {
	const received: Received[] = [];
	const server = createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request) body += chunk;
		const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
		received.push(one);
		await answer(one, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		received,
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

export function json(response: ServerResponse, status: number, body: unknown, headers = {}) {
	const type = status < 400 ? "application/json" : "application/problem+json";
	response.writeHead(status, { "Content-Type": type, ...headers }).end(JSON.stringify(body));
}

export function problem(status: number, code: string, more = {}) {
	return {
		type: `urn:drawbridge:problem:${code}`,
		title: "Refused",
		status,
		code,
		detail: "why",
		error: "why",
		...more,
	};
}

let serial = 0;

/** A JWT in form only: nothing in the client verifies it. No two are alike. */
export function jwt(
	claims: { sub?: string; iat?: number; exp?: number; [name: string]: unknown } = {},
): string {
	const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
	serial += 1;
	return `${part({ alg: "EdDSA", kid: "k" })}.${part({ sub: "ann", iat: 0, exp: 900, serial, ...claims })}.c2ln`;
}

/** Better Auth's client as far as it is used here, over real HTTP: `{ data, error }`, and a rejection when there is no answer. */
export function authClientOf(url: string): BetterAuthTokenClient {
	return {
		async token({ fetchOptions }) {
			const response = await fetch(`${url}/api/auth/token`, fetchOptions);
			if (response.ok) return { data: (await response.json()) as { token: string }, error: null };
			return { data: null, error: { status: response.status } };
		},
	};
}
