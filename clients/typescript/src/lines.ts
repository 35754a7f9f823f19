/** The lines of a stream of bytes, without their ends. Whoever stops early has the rest cancelled. */
export async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let rest = "";
	try {
		for (;;) {
			const { done, value } = await reader.read();
			rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
			const complete = rest.split("\n");
			rest = complete.pop() ?? "";
			yield* complete;
			if (done) break;
		}
		if (rest) yield rest;
	} finally {
		await reader.cancel().catch(() => {});
	}
}
