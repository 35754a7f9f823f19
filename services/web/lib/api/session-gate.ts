import { SignedOutError, type TokenSource } from "@drawbridge/client";

export type GateState = "open" | "signed-out" | "other-user";

/**
 * Holds requests back while nobody is signed in, instead of failing them: what somebody was about to save waits at the gate
 * until they have signed in again, on the same page, and then goes through.
 */
export interface SessionGate {
	subscribe(listener: () => void): () => void;
	state(): GateState;
	/** Resolves once the same user is back; rejects when they do not want to be. */
	wait(reason: SignedOutError): Promise<void>;
	open(): void;
	giveUp(): void;
	/** How often somebody has come back: what gave up meanwhile may begin anew. */
	returns(): number;
}

export function sessionGate(): SessionGate {
	let state: GateState = "open";
	let returns = 0;
	let waiting: { go: () => void; fail: (reason: SignedOutError) => void; reason: SignedOutError }[] = [];
	const listeners = new Set<() => void>();

	function become(next: GateState) {
		if (state === next) return;
		state = next;
		for (const listener of listeners) listener();
	}

	return {
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		state: () => state,
		wait(reason) {
			// Who signs out here leaves; and another user's sign-in does not bring this one's requests any further.
			if (reason.reason === "cleared") return Promise.reject(reason);
			if (reason.reason === "user_changed") {
				become("other-user");
				return Promise.reject(reason);
			}
			become("signed-out");
			return new Promise((go, fail) => waiting.push({ go, fail, reason }));
		},
		returns: () => returns,
		open() {
			returns += 1;
			become("open");
			const ready = waiting;
			waiting = [];
			for (const { go } of ready) go();
		},
		giveUp() {
			const refused = waiting;
			waiting = [];
			become("open");
			for (const { fail, reason } of refused) fail(reason);
		},
	};
}

/** A token source whose callers wait at the gate while there is no session. `watch` sees each token that is handed out. */
export function gatedToken(
	source: TokenSource,
	gate: SessionGate,
	watch: (token: string) => void,
): TokenSource {
	async function through(ask: () => Promise<string>): Promise<string> {
		for (;;) {
			try {
				const token = await ask();
				watch(token);
				return token;
			} catch (error) {
				if (!(error instanceof SignedOutError)) throw error;
				await gate.wait(error);
			}
		}
	}
	return {
		token: () => through(() => source.token()),
		replace: (refused) => through(() => source.replace(refused)),
		clear: () => source.clear(),
	};
}
