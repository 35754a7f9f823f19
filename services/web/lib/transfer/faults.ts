import type { FieldError } from "@drawbridge/client";

/** One thing that is wrong with a file: in which line of it, and what. */
export interface LineFault {
	/** Counted from one; null where it is the file as a whole. */
	line: number | null;
	member: string;
	text: string;
}

/** The API's pointers begin with the line: `/17/task/title`. */
export function faultsByLine(errors: readonly FieldError[]): LineFault[] {
	return errors.map(({ pointer, detail }) => {
		const [, first = "", ...rest] = pointer.split("/");
		const line = /^\d+$/.test(first) ? Number(first) : null;
		const members = line === null ? [first, ...rest] : rest;
		const member = members
			.filter((part) => part !== "" && part !== "task" && part !== "tag")
			.join(" ")
			.replaceAll("_", " ");
		return { line, member, text: detail };
	});
}

/** How many lines a file has, read piece by piece: progress needs an end to be measured by. */
export async function countLines(file: Blob): Promise<number> {
	const reader = file.stream().getReader();
	let lines = 0;
	let last = 0x0a;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return last === 0x0a ? lines : lines + 1;
		for (const byte of value) if (byte === 0x0a) lines += 1;
		last = value.at(-1) ?? last;
	}
}

export function bytesWords(bytes: number): string {
	if (bytes < 1_000) return `${bytes} bytes`;
	if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
	return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
