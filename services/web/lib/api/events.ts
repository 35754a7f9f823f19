import type { TokenSource } from "@drawbridge/client";

/** Something that has happened to something of the user's, wherever it was done. */
export interface Change {
	seq: number;
	kind: string;
	entityId: string;
	version: number;
}

/** One message of `text/event-stream` (the HTML standard, section 9.2), without what nobody here sends. */
interface Message {
	event: string;
	id: string | null;
	data: string;
}

/** Cuts a stream's text into messages. Comments and unknown fields are passed over, as the standard wants. */
export function messageReader() {
	let rest = "";
	return (text: string): Message[] => {
		rest += text;
		const messages: Message[] = [];
		for (;;) {
			const end = /\r\n\r\n|\n\n|\r\r/.exec(rest);
			if (!end) return messages;
			const message: Message = { event: "message", id: null, data: "" };
			const data: string[] = [];
			for (const line of rest.slice(0, end.index).split(/\r\n|\n|\r/)) {
				const [, field, value = ""] = /^([^:]+)(?:: ?(.*))?$/.exec(line) ?? [];
				if (field === "event") message.event = value;
				if (field === "id") message.id = value;
				if (field === "data") data.push(value);
			}
			rest = rest.slice(end.index + end[0].length);
			message.data = data.join("\n");
			if (data.length > 0 || message.event !== "message") messages.push(message);
		}
	};
}

export type LiveState = "connecting" | "live" | "away";

/**
 * Follows the user's changes until `signal` ends it: comes back after every break with the number of the last change that was
 * seen, with another token where the API asks for one, and begins anew (`onReset`) where that number means nothing any more.
 */
export async function follow(options: {
	baseUrl: string;
	token: TokenSource;
	signal: AbortSignal;
	onChange: (change: Change) => void;
	onReset: () => void;
	onState: (state: LiveState) => void;
}) {
	const { baseUrl, token, signal, onChange, onReset, onState } = options;
	const url = new URL("/api/v1/me/events", baseUrl);
	let last: string | null = null;
	let failures = 0;
	let refused: string | null = null;
	while (!signal.aborted) {
		onState(failures === 0 ? "connecting" : "away");
		let ended: "reauth" | "done" | "failed" = "failed";
		try {
			const bearer: string = refused === null ? await token.token() : await token.replace(refused);
			refused = null;
			const headers = new Headers({ Authorization: `Bearer ${bearer}`, Accept: "text/event-stream" });
			if (last !== null) headers.set("Last-Event-ID", last);
			const response: Response = await fetch(url, {
				headers,
				credentials: "omit",
				cache: "no-store",
				redirect: "error",
				signal,
			});
			if (response.status === 401) refused = bearer;
			if (response.status === 409 || response.status === 410) {
				last = null;
				onReset();
			}
			if (response.ok && response.body) {
				// What happened between the page's first reading and the stream's begin is asked for anew, once.
				if (failures > 0 && last === null) onReset();
				ended = await read(response.body, {
					message({ event, id, data }) {
						failures = 0;
						if (id !== null && id !== "") last = id;
						if (event === "ready") {
							last ??= String(JSON.parse(data).seq ?? "") || null;
							onState("live");
						}
						if (event === "reauth") refused = bearer;
						if (event.includes(".")) {
							const { seq, kind, entity_id, version } = JSON.parse(data);
							onChange({ seq, kind, entityId: entity_id, version });
						}
					},
					silence: SILENCE,
				});
			}
		} catch {
			// Whatever it was, the answer is the same: wait a little, come back.
		}
		if (signal.aborted) return;
		if (ended === "reauth") continue;
		failures += 1;
		onState("away");
		await pause(Math.min(30_000, 500 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random() / 2), signal);
	}
}

/** The API sends a comment every 25 seconds; a stream that is silent for twice as long is dead. */
const SILENCE = 60_000;

async function read(
	body: ReadableStream<Uint8Array>,
	on: { message: (message: Message) => void; silence: number },
): Promise<"reauth" | "done"> {
	const reader = body
		.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
		.getReader();
	const cut = messageReader();
	let reauth = false;
	for (;;) {
		const timer = setTimeout(() => reader.cancel().catch(() => {}), on.silence);
		const { done, value } = await reader.read().finally(() => clearTimeout(timer));
		if (done) return reauth ? "reauth" : "done";
		for (const message of cut(value)) {
			reauth ||= message.event === "reauth";
			on.message(message);
		}
	}
}

/** Waits, but no longer than until the browser says that it is back online. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const end = () => {
			clearTimeout(timer);
			globalThis.removeEventListener?.("online", end);
			signal.removeEventListener("abort", end);
			resolve();
		};
		const timer = setTimeout(end, milliseconds);
		globalThis.addEventListener?.("online", end);
		signal.addEventListener("abort", end);
	});
}
