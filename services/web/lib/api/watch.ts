import { ProblemError } from "@drawbridge/client";

/** What the developer drawer shows. The token itself is not kept here: what it says is enough. */
export interface Watched {
	claims: Record<string, unknown> | null;
	/** By this machine's clock, when the token ends: its lifetime counted from when it was first seen. */
	endsAt: number;
	lifetime: number;
	problem: SeenProblem | null;
}

export interface SeenProblem {
	code: string;
	status: number;
	title: string;
	detail: string;
	requestId: string | null;
	at: number;
}

export function watch(now: () => number = Date.now) {
	let seen: Watched = { claims: null, endsAt: 0, lifetime: 0, problem: null };
	let last = "";
	const listeners = new Set<() => void>();
	const tell = (change: Partial<Watched>) => {
		seen = { ...seen, ...change };
		for (const listener of listeners) listener();
	};
	return {
		subscribe(listener: () => void) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		snapshot: () => seen,
		token(token: string) {
			// The signature is enough to tell one token from the next.
			const signature = token.slice(token.lastIndexOf(".") + 1);
			if (signature === last) return;
			last = signature;
			const claims = claimsOf(token);
			const lifetime = claims ? Math.max(0, (Number(claims.exp) - Number(claims.iat)) * 1000) : 0;
			tell({ claims, lifetime, endsAt: now() + lifetime });
		},
		failure(error: unknown) {
			if (!(error instanceof ProblemError)) return;
			const { code, status, title, detail, requestId } = error;
			tell({ problem: { code, status, title, detail, requestId: requestId ?? null, at: now() } });
		},
	};
}

export type Watch = ReturnType<typeof watch>;

/** Read, not verified: that is the API's part. */
export function claimsOf(token: string): Record<string, unknown> | null {
	const payload = token.split(".")[1];
	if (!payload) return null;
	try {
		const text = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
		const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
		const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
		return typeof claims === "object" && claims !== null ? { ...claims } : null;
	} catch {
		return null;
	}
}
