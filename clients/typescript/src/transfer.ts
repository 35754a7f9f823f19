import { type CallOptions, ME, only } from "./call.js";
import { REQUEST } from "./client.js";
import { lines } from "./lines.js";
import { asUnavailable, isProblemDocument, type Problem, ProblemError, UnavailableError } from "./problem.js";
import type { components } from "./schema.js";
import type { Transport } from "./transport.js";

export type ImportReport = components["schemas"]["ImportReport"];

export interface ImportProgress {
	lines: number;
	tags: number;
	tasks: number;
}

export interface ImportOptions extends CallOptions {
	/** `merge`, the default, keeps what is there beside what comes; `replace` does not. */
	mode?: "merge" | "replace";
	/** Look at everything and change nothing. */
	dryRun?: boolean;
	/** Told about every thousand lines how far it is. */
	onProgress?: (progress: ImportProgress) => void;
}

export interface ExportOptions extends CallOptions {
	/** `ndjson`, the default, can be imported again; `ics` is a calendar of to-dos. */
	format?: "ndjson" | "ics";
}

/** An export as it arrives. One that was cut off ends in an {@link UnavailableError}, in the stream and in the blob. */
export interface Export {
	/** What to call the file. */
	filename: string;
	type: string;
	stream: ReadableStream<Uint8Array<ArrayBuffer>>;
	/** All of it. `onProgress` is told the bytes so far. */
	blob(onProgress?: (bytes: number) => void): Promise<Blob>;
}

/** As long as an import of the largest size may take. */
const LONGEST_IMPORT = 15 * 60_000;

const NDJSON = "application/x-ndjson";

export function exportOf(transport: Transport) {
	return async (options: ExportOptions = {}): Promise<Export> => {
		const format = options.format ?? "ndjson";
		const url = new URL(`api/v1/${ME.user_id}/export?format=${format}`, transport.base);
		const { response } = await transport.send(() => new Request(url, { ...REQUEST, ...only(options) }), {
			timeout: 0,
		});
		const { body, headers } = await accepted(response);
		const type = headers.get("Content-Type") ?? (format === "ics" ? "text/calendar" : NDJSON);
		const named = /filename="([^"]+)"/.exec(headers.get("Content-Disposition") ?? "");
		const stream = body.pipeThrough(untilTheEnd(format));
		return {
			filename: named?.[1] ?? `tasks.${format}`,
			type,
			stream,
			async blob(onProgress) {
				const parts: Uint8Array<ArrayBuffer>[] = [];
				let bytes = 0;
				const reader = stream.getReader();
				for (;;) {
					const { done, value } = await reader.read().catch((cause) => {
						throw asUnavailable(cause);
					});
					if (done) return new Blob(parts, { type });
					parts.push(value);
					bytes += value.byteLength;
					onProgress?.(bytes);
				}
			},
		};
	};
}

/** Every export says where it ends, so that a part is not taken for the whole. */
function untilTheEnd(format: "ndjson" | "ics") {
	const end = format === "ics" ? /END:VCALENDAR\r?\n?$/ : /\{"type":"end",[^\n]*\}\n?$/;
	let tail = new Uint8Array();
	return new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
		transform(chunk, controller) {
			const joined = new Uint8Array([...tail, ...chunk.slice(-200)]);
			tail = joined.slice(-200);
			controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
		},
		flush(controller) {
			if (!end.test(new TextDecoder().decode(tail))) controller.error(cutOff("export"));
		},
	});
}

export function importOf(transport: Transport) {
	return async (
		data: Blob | ReadableStream<Uint8Array> | string,
		options: ImportOptions = {},
	): Promise<ImportReport> => {
		// A stream can be read once, and a request may have to be sent again with another token. Browsers keep a large blob on disk.
		const body = data instanceof ReadableStream ? await new Response(data).blob() : data;
		const url = new URL(`api/v1/${ME.user_id}/import`, transport.base);
		url.searchParams.set("mode", options.mode ?? "merge");
		if (options.dryRun) url.searchParams.set("dry_run", "true");
		const make = () =>
			new Request(url, {
				...REQUEST,
				...only(options),
				method: "POST",
				headers: { "Content-Type": NDJSON, Accept: NDJSON },
				body,
			});
		const { response } = await transport.send(make, { timeout: LONGEST_IMPORT });
		const answer = await accepted(response);
		try {
			for await (const line of lines(answer.body)) {
				const { progress, result, problem } = JSON.parse(line) as Told;
				if (progress) options.onProgress?.(progress);
				if (result) return result;
				if (isProblemDocument(problem)) {
					const { status, title: statusText } = problem;
					throw new ProblemError({ status, statusText, headers: answer.headers }, problem);
				}
			}
		} catch (cause) {
			throw asUnavailable(cause);
		}
		throw cutOff("import's answer");
	};
}

interface Told {
	progress?: ImportProgress;
	result?: ImportReport;
	problem?: Problem;
}

const cutOff = (what: string) => new UnavailableError("api", `the ${what} was cut off`);

/** The body of a good answer, or the problem of another one. */
async function accepted(response: Response): Promise<{ body: ReadableStream<Uint8Array>; headers: Headers }> {
	if (response.ok && response.body) return { body: response.body, headers: response.headers };
	throw new ProblemError(response, await response.json().catch(() => null));
}
