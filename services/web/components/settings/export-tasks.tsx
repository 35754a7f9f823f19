"use client";

import { useState } from "react";
import { reportFailure } from "@/lib/report-failure";
import { toasts } from "@/lib/toasts";
import { bytesWords } from "@/lib/transfer/faults";
import { useWorkspace } from "@/lib/workspace";

type Format = "ndjson" | "ics";

const FORMATS: [Format, string, string][] = [
	["ndjson", "Everything", "One line of JSON each. It can be imported again."],
	["ics", "Calendar", "To-dos for a calendar app (.ics)."],
];

export function ExportTasks() {
	const { drawbridge, watch } = useWorkspace();
	const [format, setFormat] = useState<Format>("ndjson");
	const [bytes, setBytes] = useState<number | null>(null);

	async function run() {
		setBytes(0);
		try {
			const file = await drawbridge.export({ format });
			const blob = await file.blob(setBytes);
			save(blob, file.filename);
			toasts.show({ kind: "done", text: `Exported: ${file.filename} (${bytesWords(blob.size)})` });
		} catch (error) {
			watch.failure(error);
			reportFailure("The export did not arrive whole.", error, run);
		}
		setBytes(null);
	}

	const busy = bytes !== null;
	return (
		<div className="grid gap-4">
			<fieldset className="grid gap-2">
				<legend className="sr-only">Format</legend>
				{FORMATS.map(([value, label, text]) => (
					<label key={value} className="flex cursor-pointer items-start gap-2.5 py-0.5">
						<input
							type="radio"
							name="format"
							aria-label={label}
							aria-describedby={`format-${value}`}
							className="mt-1 size-4.5 shrink-0 accent-accent"
							checked={format === value}
							disabled={busy}
							onChange={() => setFormat(value)}
						/>
						<span>
							{label}
							<span id={`format-${value}`} className="block text-sm text-soft">
								{text}
							</span>
						</span>
					</label>
				))}
			</fieldset>
			<div className="flex flex-wrap items-center gap-4">
				<button type="button" className="button-quiet" disabled={busy} onClick={() => void run()}>
					{busy ? "Exporting…" : "Export"}
				</button>
				<p role="status" className="text-sm text-soft tabular-nums">
					{busy ? `${bytesWords(bytes)} so far` : ""}
				</p>
			</div>
		</div>
	);
}

function save(blob: Blob, name: string) {
	const url = URL.createObjectURL(blob);
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	// The download reads from it after the click.
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
